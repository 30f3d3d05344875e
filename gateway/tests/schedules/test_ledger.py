from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.model import CatchUp, Overlap, Run, RunResult
from audience_gateway.schedules.service import ScheduleExists
from audience_gateway.transfers.model import Failure
from idle import definition

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
EVERYTHING = definition(
    time_limit=timedelta(minutes=5), time_zone="Europe/Berlin", catch_up=CatchUp.LATEST, overlap=Overlap.CANCEL_RUNNING
)


def run(minute: int) -> Run:
    return Run(NOON + timedelta(minutes=minute), RunResult.STARTED, f"t-{minute}")


@pytest.fixture
def ledger(database: sa.Engine) -> ScheduleLedger:
    return ScheduleLedger(database)


def test_a_schedule_is_read_as_it_was_entered(ledger: ScheduleLedger) -> None:
    ledger.create("nightly", EVERYTHING, "r-1")

    found = ledger.schedule("nightly")

    assert found is not None
    assert (found.definition, found.paused, found.version) == (EVERYTHING, False, 1)


def test_of_two_that_create_a_schedule_the_second_is_refused(ledger: ScheduleLedger) -> None:
    ledger.create("nightly", definition(), "r-1")

    with pytest.raises(ScheduleExists):
        ledger.create("nightly", definition(), "r-2")


def test_to_create_a_schedule_again_by_the_same_request_changes_nothing(ledger: ScheduleLedger) -> None:
    ledger.create("nightly", definition(), "r-1")
    before = ledger.schedule("nightly")

    ledger.create("nightly", definition(), "r-1")

    assert ledger.schedule("nightly") == before


def test_schedules_are_listed_by_name_page_by_page(ledger: ScheduleLedger) -> None:
    for name in ("weekly", "nightly", "hourly"):
        ledger.create(name, definition(), "r")

    assert [one.name for one in ledger.schedules(limit=2)] == ["hourly", "nightly"]
    assert [one.name for one in ledger.schedules(after="nightly", limit=2)] == ["weekly"]


def test_a_change_on_an_older_version_is_refused(ledger: ScheduleLedger) -> None:
    ledger.create("nightly", definition(), "r-1")
    before = ledger.schedule("nightly")
    assert before is not None

    assert ledger.change(before, definition(cron="1 * * * *"), "r-2", paused=False)
    assert not ledger.change(before, definition(cron="2 * * * *"), "r-3", paused=False)

    after = ledger.schedule("nightly")
    assert after is not None
    assert (after.definition.cron, after.version) == ("1 * * * *", 2)
    assert after.etag != before.etag


def test_a_change_whose_answer_was_lost_is_made_once(ledger: ScheduleLedger) -> None:
    ledger.create("nightly", definition(), "r-1")
    before = ledger.schedule("nightly")
    assert before is not None
    ledger.change(before, definition(), "r-2", paused=True)

    assert ledger.change(before, definition(), "r-2", paused=True)

    after = ledger.schedule("nightly")
    assert after is not None
    assert after.version == 2


def test_a_schedule_that_is_created_anew_has_another_etag(ledger: ScheduleLedger) -> None:
    ledger.create("nightly", definition(), "r-1")
    first = ledger.schedule("nightly")
    ledger.delete("nightly")
    ledger.create("nightly", definition(), "r-2")
    second = ledger.schedule("nightly")

    assert first is not None
    assert second is not None
    assert first.etag != second.etag


def test_the_newest_runs_of_each_schedule_come_first(ledger: ScheduleLedger) -> None:
    for minute in (2, 1, 3):
        ledger.note("nightly", run(minute))
    ledger.note("weekly", run(7))

    assert ledger.last_runs(["nightly", "weekly", "never"], 2) == {"nightly": (run(3), run(2)), "weekly": (run(7),)}


def test_a_refused_run_says_why(ledger: ScheduleLedger) -> None:
    refused = Run(NOON, RunResult.REFUSED, failure=Failure("CONFIG", "there is no `x`", "Add it."))
    ledger.note("nightly", refused)

    assert ledger.last_runs(["nightly"], 1) == {"nightly": (refused,)}


def test_a_run_is_noted_once(ledger: ScheduleLedger) -> None:
    ledger.note("nightly", run(1))
    ledger.note("nightly", Run(run(1).due, RunResult.SKIPPED))

    assert ledger.last_runs(["nightly"], 10) == {"nightly": (run(1),)}


def test_only_the_last_hundred_runs_are_kept(ledger: ScheduleLedger) -> None:
    for minute in range(103):
        ledger.note("nightly", run(minute))

    kept = ledger.last_runs(["nightly"], 1000)["nightly"]

    assert (len(kept), kept[-1]) == (100, run(3))


def test_a_deleted_schedule_leaves_no_runs_to_one_of_its_name(ledger: ScheduleLedger) -> None:
    ledger.create("nightly", definition(), "r-1")
    ledger.note("nightly", run(1))

    assert ledger.delete("nightly")
    ledger.note("nightly", run(2))  # was under way
    ledger.create("nightly", definition(), "r-2")

    assert ledger.last_runs(["nightly"], 10) == {}
    assert not ledger.delete("weekly")
