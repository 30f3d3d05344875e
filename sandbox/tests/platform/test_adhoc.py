"""Activation on demand (rtcdp 6.9)."""

from .activating import activate

ADHOC = "/data/core/activation/disflowprovider/adhocrun"
VERSION = "application/vnd.adobe.adhoc.activation+json; version=2"


async def ask(caller, info):
    return await caller.ask("POST", ADHOC, {"activationInfo": info}, Accept=VERSION)


async def test_an_order_is_followed_by_its_address(caller):
    activated = await activate(caller)
    await caller.advance(hours=1)
    status, answer = await ask(caller, {activated.flow: [activated.audience]})
    [order] = answer["order"]
    assert (status, order["segment"], order["order"]) == (200, activated.audience, activated.flow)
    address = order["statusURL"].removeprefix(caller.url)
    assert (await caller.get(address))["items"][0]["metrics"]["statusSummary"]["status"] == "inProgress"
    await caller.advance(seconds=1)
    assert (await caller.get(address))["items"][0]["metrics"]["statusSummary"]["status"] == "success"
    assert len(activated.files) == 1


async def test_one_that_goes_on_is_not_begun_again(caller):
    activated = await activate(caller)
    await caller.advance(hours=1)
    await ask(caller, {activated.flow: [activated.audience]})
    status, answer = await ask(caller, {activated.flow: [activated.audience]})
    assert status == 400
    assert answer["message"].startswith("Run already going on for segment")


async def test_an_audience_has_to_be_activated_for_an_hour(caller):
    activated = await activate(caller)
    for audience in (activated.audience, "another"):
        status, answer = await ask(caller, {activated.flow: [audience]})
        assert status == 400
        assert answer["message"].endswith("are not part of this dataflow or out of schedule range!")


async def test_the_hour_is_an_assumption(calling):
    async with calling(adhoc_minutes=0) as caller:
        activated = await activate(caller)
        assert (await ask(caller, {activated.flow: [activated.audience]}))[0] == 200


async def test_more_than_80_audiences_fail_together(caller):
    assert (await ask(caller, {"f": [str(number) for number in range(81)]}))[0] == 400
    assert (await ask(caller, {}))[0] == 400
