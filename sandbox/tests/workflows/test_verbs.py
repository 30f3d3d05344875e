"""What can be done with workflows."""

import pytest
from audience_gateway_sandbox.workflows import State, WorkflowError

IMPORT = "wkfAudienceImport"


@pytest.fixture
def workflows(office):
    return office.instance.workflows


def test_a_workflow_is_named_by_its_id_or_its_internal_name(office, workflows):
    [(number,)] = office.rows('SELECT id FROM workflow WHERE "internalName" = ?', IMPORT)
    workflows.pause(str(number))
    assert workflows.state(IMPORT) is State.PAUSED


def test_verbs_change_the_state(workflows):
    states = []
    for verb in (workflows.pause, workflows.start, workflows.stop, workflows.start):
        verb(IMPORT)
        states.append(workflows.state(IMPORT))
    assert states == [State.PAUSED, State.STARTED, State.STOPPED, State.STARTED]


@pytest.mark.parametrize("verb", ["start", "stop", "pause", "state"])
def test_an_unknown_workflow_is_an_error(workflows, verb):
    with pytest.raises(WorkflowError, match="XTK-170010"):
        getattr(workflows, verb)("unheard")


def test_events_wait_while_the_workflow_is_paused_and_run_in_their_order(office, workflows):
    workflows.pause(IMPORT)
    for name in ("1.csv", "2.csv"):
        office.instance.files.put(name, f"id\n{1000 + int(name[0])}\n".encode())
        office.signal(IMPORT, fileName=name, listName=name)
    assert office.journal(IMPORT) == []
    workflows.start(IMPORT)
    office.instance.run_due()
    assert [line.split("'")[1] for line in office.journal(IMPORT)] == ["1.csv", "2.csv"]


def test_an_event_for_a_stopped_workflow_is_lost_and_only_the_journal_says_so(office, workflows):
    workflows.stop(IMPORT)
    office.signal(IMPORT, fileName="1.csv", listName="gold")
    assert "not started" in office.journal(IMPORT)[-1]
    workflows.start(IMPORT)
    office.instance.run_due()
    assert len(office.journal(IMPORT)) == 1


def test_an_activity_that_is_not_there_is_only_in_the_journal(office, workflows):
    workflows.post_event(IMPORT, "unheard", {})
    office.instance.run_due()
    assert "unheard" in office.journal(IMPORT)[-1]


def test_a_start_may_carry_variables(office, workflows):
    office.instance.files.put("gold.csv", b"id\n1001\n")
    workflows.start(IMPORT, {"fileName": "gold.csv", "listName": "gold"})
    office.instance.run_due()
    assert office.members("gold") == [1001]
