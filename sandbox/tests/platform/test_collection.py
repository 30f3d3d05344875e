"""Streaming collection (rtcdp 5)."""

import json

import pytest

from .conftest import FLOWS, INLET_SPEC, message_of

ADA = {"Email": [{"id": "ada@example.org", "primary": True}]}
NEW = {"Email": [{"id": "new@example.org", "primary": True}]}


async def post(caller, path, body, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with caller.guest.http.post(f"{caller.url}/collection/{path}", data=data, headers=headers) as response:
        return response.status, await response.json()


async def test_a_message_is_received_and_becomes_a_profile(caller):
    inlet = await caller.inlet()
    status, answer = await caller.send(inlet, {"identityMap": NEW, "person": {"name": {"firstName": "New"}}}, path="")
    assert (status, answer["inletId"], answer["syncValidation"]) == (200, inlet, {"skipped": True})
    assert answer["receivedTimeMs"] > 1_600_000_000_000
    assert (await caller.look_up("new@example.org"))["person"]["name"]["firstName"] == "New"


async def test_a_batch_is_answered_part_by_part_in_order(caller):
    inlet = await caller.inlet()
    messages = [message_of({"identityMap": NEW}), {"header": {}}, 7, message_of({"identityMap": ADA})]
    status, answer = await post(caller, f"batch/{inlet}", {"messages": messages})
    assert status == 207
    assert ["xactionId" in each for each in answer["responses"]] == [True, False, False, True]
    assert [each.get("statusCode") for each in answer["responses"]] == [None, 400, 400, None]


async def test_a_body_above_a_megabyte_is_413(caller):
    inlet = await caller.inlet()
    for path in (inlet, f"batch/{inlet}"):
        status, answer = await post(caller, path, b"[" + b" " * 1_000_000)
        assert (status, answer["status"]) == (413, 413)


async def test_who_waits_for_validation_is_told_what_is_wrong(caller):
    inlet = await caller.inlet()
    wrong = message_of({"identityMap": {"Email": [{"id": 7}, "x", {}] * 3}})
    status, answer = await post(caller, f"{inlet}?syncValidation=true", wrong)
    assert (status, answer["title"]) == (400, "Invalid XDM Message Format")
    findings = answer["report"]["cause"]["_streamingValidation"]
    assert len(findings) == 5
    assert findings[0]["pointerToViolation"] == "#/identityMap/0/0/id"
    status, answer = await post(caller, f"{inlet}?synchronousValidation=true", message_of({"identityMap": NEW}))
    assert (status, "syncValidation" in answer) == (200, False)


async def test_who_does_not_wait_is_told_nothing(caller):
    inlet = await caller.inlet()
    status, _ = await caller.send(inlet, {"identityMap": {"Email": [{"id": 7}]}}, path="")
    assert status == 200
    assert (await caller.get("/sandbox/platform/records"))["skipped"] == {"no_identity": 1}


@pytest.mark.parametrize("body", [{}, {"header": {}, "body": {}}, message_of({}) | {"body": {}}, []])
async def test_a_message_without_its_envelope_is_refused(caller, body):
    assert (await post(caller, await caller.inlet(), body))[0] == 400


async def test_an_unknown_inlet_is_404(caller):
    assert (await post(caller, "nothing", message_of({"identityMap": NEW})))[0] == 404


async def test_an_inlet_may_want_a_token(caller):
    inlet = await caller.inlet(authenticationRequired=True)
    message = message_of({"identityMap": NEW})
    assert (await post(caller, inlet, message))[0] == 401
    assert (await post(caller, inlet, message, Authorization="Bearer a.b.c"))[0] == 401
    assert (await post(caller, inlet, message, Authorization=f"Bearer {caller.token}"))[0] == 200


async def test_an_inlet_is_of_the_sandbox_that_it_was_made_in(caller):
    other = caller.in_sandbox("dev")
    inlet = (await other.post(f"{FLOWS}/connections", {"name": "i", "connectionSpec": INLET_SPEC}))["id"]
    await caller.send(inlet, {"identityMap": NEW})
    assert await caller.look_up("new@example.org") is None
    assert await other.look_up("new@example.org") is not None


async def test_a_record_replaces_what_its_dataset_told_unless_it_merges(caller):
    inlet = await caller.inlet()
    await caller.send(inlet, {"identityMap": NEW, "person": {"name": {"firstName": "A", "lastName": "B"}}})
    await caller.send(inlet, {"identityMap": NEW, "person": {"name": {"firstName": "C"}}})
    assert (await caller.look_up("new@example.org"))["person"] == {"name": {"firstName": "C"}}
    await caller.send(inlet, {"identityMap": NEW, "loyalty": {"tier": "x"}}, operations={"data": "merge"})
    entity = await caller.look_up("new@example.org")
    assert (entity["person"], entity["loyalty"]) == ({"name": {"firstName": "C"}}, {"tier": "x"})


async def test_the_newest_of_several_datasets_wins(caller):
    inlet = await caller.inlet()
    await caller.send(inlet, {"identityMap": ADA, "loyalty": {"tier": "gold"}})
    entity = await caller.look_up("ada@example.org")
    assert entity["loyalty"]["tier"] == "gold"
    assert entity["person"]["name"]["firstName"] == "Ada"


async def test_an_event_links_identities_and_changes_no_attribute(caller):
    inlet = await caller.inlet()
    device = {"ECID": [{"id": "7" * 38}]}
    event = {"_id": "e1", "timestamp": "2026-01-01T00:00:00Z", "identityMap": ADA | device, "person": {"name": {}}}
    await caller.send(inlet, event)
    assert ("ECID", "7" * 38) in await caller.graph("Email", "ada@example.org")
    assert (await caller.look_up("ada@example.org"))["person"]["name"]["firstName"] == "Ada"


async def test_a_general_opt_out_leaves_all_audiences(caller):
    id_ = await caller.define('person.name.firstName = "Ada"')
    before = (await caller.evaluate(id_))["metrics"]["segmentedProfileCounter"][id_]
    opted_out = [{"optOutType": "general_opt_out", "optOutValue": "out"}]
    await caller.send(await caller.inlet(), {"identityMap": ADA, "privacyOptOuts": opted_out})
    counted = (await caller.evaluate(id_))["metrics"]["segmentedProfileByStatusCounter"][id_]
    assert (before, counted) == (1, {"realized": 0, "exited": 1})


async def test_a_streaming_audience_is_evaluated_at_once(caller):
    rule = 'person.name.firstName = "New"'
    id_ = await caller.define(rule, evaluationInfo={"batch": {"enabled": False}, "continuous": {"enabled": True}})
    await caller.send(await caller.inlet(), {"identityMap": NEW, "person": {"name": {"firstName": "New"}}})
    membership = (await caller.look_up("new@example.org"))["segmentMembership"]
    assert membership["ups"][id_]["status"] == "realized"
