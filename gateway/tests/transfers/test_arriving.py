"""What is said about a delivery on its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import Arrival
from audience_gateway.transfers.arriving import UnusableAnswer, begun, failing, merged
from audience_gateway.transfers.model import Failure
from slow import HOUR, LADDER

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
INGESTED = Arrival(stage="ingested", reached=NOON + 20 * HOUR)
VISIBLE = Arrival(stage="visible", reached=NOON + 40 * HOUR)


@pytest.fixture
def arriving():
    return begun("t-1", "target", LADDER, NOON)


def with_answers(arriving, *answers):
    return replace(arriving, known=merged(arriving, answers))


def states(arriving, hours):
    return {one.stage: one.state.value for one in arriving.view(NOON + hours * HOUR)}


def test_each_stage_is_due_so_long_after_the_delivery(arriving):
    assert [(one.stage, one.due) for one in arriving.view(NOON)] == [
        ("delivered", None),
        ("ingested", NOON + 24 * HOUR),
        ("visible", NOON + 48 * HOUR),
    ]


@pytest.mark.parametrize(
    ("hours", "ingested", "visible"),
    [(23, "pending", "pending"), (24, "overdue", "pending"), (48, "overdue", "overdue")],
)
def test_a_stage_is_overdue_from_the_moment_that_it_is_due(arriving, hours, ingested, visible):
    assert states(arriving, hours) == {"delivered": "reached", "ingested": ingested, "visible": visible}


def test_the_system_may_know_better_when_a_stage_is_due(arriving):
    arriving = with_answers(arriving, Arrival(stage="ingested", due=NOON + 30 * HOUR))
    assert states(arriving, 29)["ingested"] == "pending"


def test_a_stage_that_was_reached_late_is_reached(arriving):
    assert states(with_answers(arriving, INGESTED), 30)["ingested"] == "reached"


def test_a_stage_that_is_not_answered_stays_as_it_was(arriving):
    arriving = with_answers(with_answers(arriving, INGESTED), Arrival(stage="visible", counts={"members": 3}))
    assert [one.reached for one in arriving.known] == [INGESTED.reached, None]
    assert arriving.known[1].counts == {"members": 3}


def test_a_stage_that_was_reached_stays_reached_and_its_counts_grow(arriving):
    arriving = with_answers(arriving, INGESTED)
    for answer in (Arrival(stage="ingested", counts={"lines": 9}), Arrival(stage="ingested", failed=True)):
        (known, _) = merged(arriving, [answer])
        assert (known.reached, known.failed, known.counts) == (INGESTED.reached, False, answer.counts)


def test_a_stage_brings_those_before_it(arriving):
    arriving = with_answers(arriving, VISIBLE)
    assert [one.reached for one in arriving.known] == [VISIBLE.reached] * 2
    assert arriving.settled


def test_behind_a_stage_that_failed_all_have_failed(arriving):
    failed = Arrival(stage="ingested", failed=True, message="the file is empty", remedy="Share again.")
    _, ingested, visible = with_answers(arriving, failed).view(NOON + 50 * HOUR)
    assert (ingested.state, ingested.message, ingested.remedy) == ("failed", "the file is empty", "Share again.")
    assert (visible.state, visible.message) == ("failed", "`ingested` has failed")


def test_what_can_never_arrive_fails_at_the_stage_that_is_waited_for(arriving):
    arriving = with_answers(arriving, INGESTED)
    arriving = replace(arriving, known=failing(arriving, Failure("PERMANENT", "it was deleted", "Share again.")))
    assert states(arriving, 1) == {"delivered": "reached", "ingested": "reached", "visible": "failed"}
    assert arriving.settled


def test_what_is_no_longer_asked_about_is_given_up(arriving):
    arriving = replace(with_answers(arriving, INGESTED), next_look=None)
    assert states(arriving, 500) == {"delivered": "reached", "ingested": "reached", "visible": "given_up"}


def test_that_nothing_could_be_found_out_is_told_where_it_is_waited_for(arriving):
    arriving = replace(arriving, finding=Failure("TRANSIENT", "it is away", "Wait."))
    _, ingested, visible = arriving.view(NOON)
    assert (ingested.message, ingested.remedy) == ("not found out: it is away", "Wait.")
    assert visible.message == ""


@pytest.mark.parametrize(
    "answers",
    [
        [Arrival(stage="vanished")],
        [INGESTED, INGESTED],
        [Arrival(stage="ingested", counts={"lines": -1})],
    ],
)
def test_an_answer_that_contradicts_the_declaration_is_refused(arriving, answers):
    with pytest.raises(UnusableAnswer):
        merged(arriving, answers)
