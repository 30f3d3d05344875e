"""Audiences that are shared with Audience Manager (rtcdp 9, audience-manager 7)."""

from contextlib import closing

from audience_gateway_sandbox.audience_manager.platform_audiences import DATA_SOURCE, SEGMENTS, TRAITS
from audience_gateway_sandbox.platform.flow_service.specs import EXPERIENCE_CLOUD
from audience_gateway_sandbox.platform.seeding.gold import gold_on

from .activating import activate, gold

SPEC = {"id": EXPERIENCE_CLOUD, "version": "1.0"}


async def shared(caller):
    """Activate the sample audience, and wait until it is announced."""
    activated = await activate(caller, fields=(), spec=SPEC)
    await caller.advance(seconds=1)
    return activated


async def trait_of(caller):
    return await caller.get(f"/v1/traits/ic:{await gold(caller)}")


async def ecids_with(caller, trait):
    """Experience Cloud IDs of the devices that have a trait."""
    query = "SELECT ecid FROM profile JOIN qualification ON profile.id = profile WHERE trait = ? ORDER BY 1"
    with caller.instance.data.database.transaction() as db, closing(db.execute(query, (trait,))) as found:
        return {ecid for (ecid,) in found}


async def ecids_of(caller, *days):
    """Experience Cloud IDs of who is in the sample audience on days."""
    population = caller.instance.population
    return [{population.visitor_ids[one] for one in gold_on(population, day)} for day in days]


async def emails_of(caller):
    """E-mail addresses of members, as a file destination exports them."""
    activated = await activate(caller)
    await activated.run_now()
    header, *rows = activated.rows()
    return {row[header.index("personalEmail_address")].lower() for row in rows} - {""}


async def test_an_audience_is_an_onboarded_trait_and_a_segment_by_its_id(caller):
    await shared(caller)
    audience, trait = await gold(caller), await trait_of(caller)
    source = await caller.get(f"/v1/datasources/{trait['dataSourceId']}")
    assert (trait["traitType"], trait["traitRule"]) == ("ON_BOARDED_TRAIT", f"segID = {audience}")
    assert (trait["name"], source["name"]) == ("Gold members", DATA_SOURCE)
    segment = await caller.get(f"/v1/segments/ic:{audience}")
    assert segment["segmentRule"] == f"{trait['sid']}T"
    folders = [await caller.get(f"/v1/folders/{kind}") for kind in ("traits", "segments")]
    assert [name in str(tree) for name, tree in zip((TRAITS, SEGMENTS), folders, strict=True)] == [True, True]


async def test_who_was_in_it_before_is_not_told_of(caller):
    await shared(caller)
    trait = (await trait_of(caller))["sid"]
    before, after = await ecids_of(caller, 0, 1)
    await caller.advance(days=1, hours=1)
    assert await ecids_with(caller, trait) == set()
    await caller.advance(hours=4)
    assert await ecids_with(caller, trait) == after - before != set()


async def test_with_a_backfill_all_are_told_of_and_leavers_too(calling):
    async with calling(sharing_backfills=True) as caller:
        await shared(caller)
        trait = (await trait_of(caller))["sid"]
        before, after = await ecids_of(caller, 0, 1)
        await caller.advance(hours=5)
        assert await ecids_with(caller, trait) == before
        await caller.advance(days=1)
        assert await ecids_with(caller, trait) == after != before


async def test_golden_a_raw_e_mail_never_reaches_audience_manager(calling):
    async with calling(sharing_backfills=True) as caller:
        await shared(caller)
        await caller.advance(hours=5)
        assert await ecids_with(caller, (await trait_of(caller))["sid"])
        with caller.instance.data.database.transaction() as db:
            held = "\n".join(db.iterdump())
        known = await emails_of(caller)
        assert known
        assert [email for email in known if email in held.lower()] == []


async def test_a_flow_that_is_disabled_tells_nothing(calling):
    async with calling(sharing_backfills=True) as caller:
        activated = await shared(caller)
        await caller.post(f"/data/foundation/flowservice/flows/{activated.flow}/action?op=disable", {})
        await caller.advance(days=2)
        assert await ecids_with(caller, (await trait_of(caller))["sid"]) == set()


async def test_activated_anew_it_is_the_same_trait(caller):
    await shared(caller)
    first = (await trait_of(caller))["sid"]
    await shared(caller)
    assert len(await caller.get(f"/v1/traits?ic={await gold(caller)}")) == 1
    assert (await trait_of(caller))["sid"] == first
