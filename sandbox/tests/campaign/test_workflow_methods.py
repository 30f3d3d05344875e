"""Workflows as callers start, stop and signal them."""

from __future__ import annotations

import json

import pytest

FILE_IMPORT = "wkfAudienceImport"
VARIABLES = "<variables fileName='gold.csv' listName='gold'/>"


async def state_of(caller, name=FILE_IMPORT):
    (workflow,) = await caller.select("xtk:workflow", "@id", "@state", where=f"@internalName = '{name}'")
    return int(workflow.get("state"))


def events_of(campaign):
    rows = campaign.database.execute("SELECT activity, variables FROM workflow_event ORDER BY id").fetchall()
    return [(activity, json.loads(variables)) for activity, variables in rows]


async def test_an_event_waits_for_the_workflow_with_what_it_carries(caller, campaign):
    answer = await caller.call("xtk:workflow", "PostEvent", FILE_IMPORT, "signal", "", VARIABLES, "false")
    assert (answer.fault, answer.results) == ("", [])
    assert events_of(campaign) == [("signal", {"fileName": "gold.csv", "listName": "gold"})]


async def test_a_workflow_may_be_named_by_its_id(caller, campaign):
    (workflow,) = await caller.select("xtk:workflow", "@id", where=f"@internalName = '{FILE_IMPORT}'")
    await caller.call("xtk:workflow", "PostEvent", workflow.get("id"), "signal", "", VARIABLES, "false")
    assert len(events_of(campaign)) == 1


async def test_an_event_may_carry_nothing(caller, campaign):
    await caller.call("xtk:workflow", "PostEvent", FILE_IMPORT, "signal", "", "", "false")
    await caller.call("xtk:workflow", "PostEvent", FILE_IMPORT, "signal")
    assert events_of(campaign) == [("signal", {}), ("signal", {})]


async def test_parameters_of_another_root_are_a_fault(caller, campaign):
    answer = await caller.call("xtk:workflow", "PostEvent", FILE_IMPORT, "signal", "", "<vars a='1'/>", "false")
    assert answer.fault.startswith("SOP-330011")
    assert events_of(campaign) == []


@pytest.mark.parametrize("method", ["PostEvent", "Start", "StartWithParameters", "Stop", "Pause"])
async def test_a_workflow_that_is_not_there_is_a_fault(caller, method):
    assert "XTK-170010" in (await caller.call("xtk:workflow", method, "nothing")).fault


@pytest.mark.parametrize("method", ["PostEvent", "Start", "Stop", "Pause"])
async def test_nobody_touches_workflows_without_credentials(anonymous, method):
    assert (await anonymous.call("xtk:workflow", method, FILE_IMPORT)).fault.startswith("XSV-350008")


async def test_a_workflow_is_paused_stopped_and_started(caller):
    states = []
    for method in ("Pause", "Start", "Stop"):
        await caller.call("xtk:workflow", method, FILE_IMPORT)
        states.append(await state_of(caller))
    assert states == [13, 11, 20]


async def test_a_start_may_carry_variables(caller, campaign):
    await caller.call("xtk:workflow", "StartWithParameters", FILE_IMPORT, VARIABLES)
    assert events_of(campaign) == [("signal", {"fileName": "gold.csv", "listName": "gold"})]


async def test_an_event_for_a_stopped_workflow_is_accepted_and_only_the_journal_tells(caller, campaign):
    await caller.call("xtk:workflow", "Stop", FILE_IMPORT)
    assert not (await caller.call("xtk:workflow", "PostEvent", FILE_IMPORT, "signal", "", VARIABLES, "false")).fault
    assert events_of(campaign) == []
    (line,) = await caller.select("xtk:workflowLog", "@message", where=f"[workflow/@internalName] = '{FILE_IMPORT}'")
    assert "not started" in line.get("message")
