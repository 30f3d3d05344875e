from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from audience_gateway.jobs.engine import Stopped
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.model import Overlap, Run, RunResult
from audience_gateway.schedules.occurrences import Occurrences
from audience_gateway.sdk import ConfigError
from audience_gateway.transfers.model import TransferState
from idle import Dying, Waiting, yearly


@pytest.fixture
def occur(occurrences: Occurrences) -> Any:
    """Lets `nightly` happen, in a thread as the engine does."""

    async def occur(due: datetime, steps: Dying | None = None) -> None:
        await asyncio.to_thread(occurrences, "nightly", due, {}, steps or Dying())

    return occur


def runs(ledger: ScheduleLedger) -> tuple[Run, ...]:
    return ledger.last_runs(["nightly"], 10).get("nightly", ())


def results(ledger: ScheduleLedger) -> list[RunResult]:
    return [run.result for run in runs(ledger)]


async def test_a_run_starts_a_transfer_and_is_noted(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(), "r")
    due = datetime.now(UTC)

    await occur(due)

    (started,) = transfers.all()
    assert (started.request.schedule, started.request.source) == ("nightly", yearly().share.source)
    assert runs(ledger) == (Run(due, RunResult.STARTED, started.id),)


async def test_a_time_limit_counts_from_the_beginning_of_a_run(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(time_limit=timedelta(hours=1)), "r")
    before = datetime.now(UTC)

    await occur(datetime(before.year, 1, 1, tzinfo=UTC))

    deadline = transfers.all()[0].request.deadline
    assert before + timedelta(hours=1) <= deadline <= datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.parametrize("place", [{"before": "start"}, {"after": "start"}, {"before": "note"}, {"after": "note"}])
async def test_a_run_goes_on_in_another_process_without_a_second_transfer(occur, ledger, transfers, place) -> None:
    ledger.create("nightly", yearly(time_limit=timedelta(hours=1)), "r")
    due, steps = datetime.now(UTC), Dying(**place)
    with pytest.raises(Stopped):
        await occur(due, steps)

    await occur(due, steps.revived())

    (started,) = transfers.all()
    assert runs(ledger) == (Run(due, RunResult.STARTED, started.id),)


async def test_a_run_that_goes_on_does_what_was_decided(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(), "r")
    due, steps = datetime.now(UTC), Dying(before="start")
    with pytest.raises(Stopped):
        await occur(due, steps)
    ledger.delete("nightly")

    await occur(due, steps.revived())

    assert [one.request.schedule for one in transfers.all()] == ["nightly"]


async def test_a_run_that_was_started_before_the_settings_changed_is_noted_with_its_transfer(
    occur, ledger, transfers, occurrences, monkeypatch
) -> None:
    ledger.create("nightly", yearly(), "r")
    due, steps = datetime.now(UTC), Dying(after="start")
    with pytest.raises(Stopped):
        await occur(due, steps)
    monkeypatch.setattr(transfers.service, "_options", transfers.stricter())

    await occur(due, steps.revived())

    (started,) = transfers.all()
    assert runs(ledger) == (Run(due, RunResult.STARTED, started.id),)


async def test_by_default_a_run_is_skipped_while_the_last_one_goes_on(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(), "r")
    first = datetime.now(UTC)
    await occur(first)

    await occur(first + timedelta(seconds=1))
    transfers.end(transfers.all()[0])
    await occur(first + timedelta(seconds=2))

    assert results(ledger) == [RunResult.STARTED, RunResult.SKIPPED, RunResult.STARTED]
    assert len(transfers.all()) == 2


async def test_a_run_is_not_skipped_for_transfers_of_others(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(), "r")
    await transfers.service.start(yearly().share)

    await occur(datetime.now(UTC))

    assert results(ledger) == [RunResult.STARTED]


async def test_a_queued_run_waits_behind_the_last_one(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(overlap=Overlap.QUEUE), "r")
    first = datetime.now(UTC)

    await occur(first)
    await occur(first + timedelta(minutes=1))

    assert results(ledger) == [RunResult.STARTED, RunResult.STARTED]
    assert [one.state for one in transfers.all()] == [TransferState.PENDING, TransferState.PENDING]


async def test_a_run_can_cancel_the_last_one(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(overlap=Overlap.CANCEL_RUNNING), "r")
    first = datetime.now(UTC)

    await occur(first)
    await occur(first + timedelta(minutes=1))

    assert results(ledger) == [RunResult.STARTED, RunResult.STARTED]
    assert [one.state for one in transfers.all()] == [TransferState.CANCELLED, TransferState.PENDING]


async def test_of_several_missed_runs_the_last_one_is_made_up_for(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(overlap=Overlap.QUEUE), "r")
    this_year = datetime.now(UTC).year
    missed = [datetime(year, 1, 1, tzinfo=UTC) for year in range(this_year - 3, this_year)]
    last = datetime(this_year, 1, 1, tzinfo=UTC)

    for due in (*missed, last):
        await occur(due)

    assert [run.due for run in runs(ledger)] == [last]
    assert len(transfers.all()) == 1


async def test_a_paused_schedule_starts_nothing(occur, ledger, transfers) -> None:
    ledger.create("nightly", yearly(), "r")
    ledger.change(ledger.schedule("nightly"), yearly(), "r-2", paused=True)

    await occur(datetime.now(UTC))

    assert (transfers.all(), runs(ledger)) == ([], ())


async def test_a_deleted_schedule_starts_nothing(occur, ledger, transfers) -> None:
    await occur(datetime.now(UTC))

    assert (transfers.all(), runs(ledger)) == ([], ())


async def test_a_run_that_cannot_be_started_says_why(occur, ledger, transfers: Waiting, monkeypatch) -> None:
    ledger.create("nightly", yearly(), "r")

    def gone(name: str) -> None:
        raise ConfigError("there is no such data source", place=f"data_sources.{name}", remedy="Add it.")

    monkeypatch.setattr(transfers.systems, "data_source", gone)

    await occur(datetime.now(UTC))

    (run,) = runs(ledger)
    assert (run.result, run.transfer) == (RunResult.REFUSED, "")
    assert run.failure is not None
    assert (run.failure.reason, run.failure.remedy) == ("CONFIG", "Add it.")
