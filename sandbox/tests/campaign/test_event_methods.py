"""Events of Message Center."""

from __future__ import annotations

import pytest

EVENT = "<rtEvent type='welcome' email='{}' origin='crm'><ctx><customer name='Ana'/></ctx></rtEvent>"


async def push(caller, document, method="PushEvent", service="nms:rtEvent"):
    answer = await caller.call(service, method, document)
    assert not answer.fault, answer.fault
    return answer.results[0]


async def test_an_event_is_stored_and_its_id_told(caller):
    result = await push(caller, EVENT.format("ana.ruiz@example.org"))
    assert (result.tag, result.get("{http://www.w3.org/2001/XMLSchema-instance}type")) == (
        "{urn:nms:rtEvent}plId",
        "xsd:long",
    )
    (stored,) = await caller.select("nms:rtEvent", "@id", "@type", "@email", "@origin")
    assert int(result.text) % (1 << 56) == int(stored.get("id"))
    assert int(result.text) >> 56 == 1
    assert (stored.get("type"), stored.get("email"), stored.get("origin")) == (
        "welcome",
        "ana.ruiz@example.org",
        "crm",
    )


@pytest.mark.parametrize("event", [EVENT.format("no address"), "<rtEvent email='a@example.org'/>", ""])
async def test_an_event_that_is_not_stored_is_told_by_0_without_a_fault(caller, event):
    assert (await push(caller, event)).text == "0"
    assert len(await caller.select("nms:rtEvent", "@id")) == 0


async def test_several_events_are_stored_by_one_call(caller):
    both = f"<events>{EVENT.format('a@example.org')}{EVENT.format('b@example.org')}</events>"
    await push(caller, both, "PushEvents")
    assert [each.get("email") for each in await caller.select("nms:rtEvent", "@email")] == [
        "a@example.org",
        "b@example.org",
    ]


async def test_of_several_events_all_are_stored_or_none(caller):
    both = f"<events>{EVENT.format('a@example.org')}{EVENT.format('no address')}</events>"
    assert (await push(caller, both, "PushEvents")).text == "0"
    assert len(await caller.select("nms:rtEvent", "@id")) == 0


async def test_batch_events_are_apart_from_real_time_ones(caller):
    await push(caller, EVENT.format("a@example.org"), service="nms:batchEvent")
    assert len(await caller.select("nms:rtEvent", "@id")) == 0
    assert len(await caller.select("nms:batchEvent", "@id")) == 1
