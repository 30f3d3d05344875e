from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.model import CatchUp, Definition, Run, RunResult
from audience_gateway.schedules.schedules import Schedules
from audience_gateway.schedules.service import ScheduleChanged, ScheduleExists, ScheduleNotFound, UnusableField
from audience_gateway.sdk import ConfigError
from idle import Dead, DyingSchedules, Waiting, definition, running


def hourly(before: Definition) -> Definition:
    return replace(before, cron="0 * * * *")


@pytest.fixture
async def engine() -> AsyncIterator[DyingSchedules]:
    async with running(DyingSchedules()) as schedules:
        yield schedules


@pytest.fixture
def schedules(ledger: ScheduleLedger, engine: DyingSchedules, transfers: Waiting) -> Schedules:
    return Schedules(ledger, engine, transfers.service, transfers.systems)


async def crons(engine: DyingSchedules) -> dict[str, str]:
    return {schedule.name: schedule.cron for schedule in await engine.list()}


async def test_a_new_schedule_shows_its_next_five_runs(schedules) -> None:
    created = await schedules.create("nightly", definition(cron="0 4 * * *", time_zone="Europe/Berlin"))

    assert (created.schedule.name, created.last_runs) == ("nightly", ())
    assert len(created.next_runs) == 5
    assert {run.minute for run in created.next_runs} == {0}
    assert created.next_runs == tuple(sorted(created.next_runs))


async def test_the_engine_gets_what_the_schedule_says(schedules, engine) -> None:
    await schedules.create("nightly", definition(cron="0 4 * * *", time_zone="Europe/Berlin", catch_up=CatchUp.LATEST))

    entered = await engine.get("nightly")

    assert (entered.cron, entered.time_zone, entered.catch_up) == ("0 4 * * *", "Europe/Berlin", True)


async def test_a_second_schedule_of_the_same_name_is_refused(schedules) -> None:
    await schedules.create("nightly", definition())

    with pytest.raises(ScheduleExists):
        await schedules.create("nightly", definition())


@pytest.mark.parametrize("changes", [{"cron": "never"}, {"time_zone": "Mars/Olympus"}])
async def test_what_never_comes_is_not_created(schedules, ledger, changes) -> None:
    with pytest.raises(UnusableField):
        await schedules.create("nightly", definition(**changes))
    assert ledger.schedules() == []


async def test_an_audience_is_not_shared_with_itself(schedules) -> None:
    share = definition().share

    with pytest.raises(ConfigError):
        await schedules.create("nightly", definition(share=replace(share, destination=share.source)))


async def test_what_is_not_there_is_not_found(schedules) -> None:
    for call in (schedules.get, schedules.delete, schedules.pause, schedules.resume, schedules.run):
        with pytest.raises(ScheduleNotFound):
            await call("nightly")


async def test_schedules_are_listed_with_their_runs(schedules, ledger) -> None:
    for name in ("weekly", "nightly"):
        await schedules.create(name, definition())
    run = Run(datetime(2026, 5, 4, tzinfo=UTC), RunResult.SKIPPED)
    ledger.note("weekly", run)

    listed = await schedules.list(limit=10)

    assert [(one.schedule.name, one.last_runs) for one in listed] == [("nightly", ()), ("weekly", (run,))]


async def test_a_paused_schedule_has_no_next_runs_until_it_is_resumed(schedules, engine) -> None:
    await schedules.create("nightly", definition())

    paused = await schedules.pause("nightly")
    assert (paused.schedule.paused, paused.next_runs) == (True, ())
    assert (await engine.get("nightly")).paused

    resumed = await schedules.resume("nightly")
    assert (resumed.schedule.paused, len(resumed.next_runs)) == (False, 5)
    assert not (await engine.get("nightly")).paused


async def test_to_pause_twice_is_to_pause_once(schedules) -> None:
    await schedules.create("nightly", definition())

    first, second = await schedules.pause("nightly"), await schedules.pause("nightly")

    assert first.schedule == second.schedule


async def test_an_update_changes_the_engine_and_keeps_the_last_runs(schedules, engine) -> None:
    await schedules.create("nightly", definition())
    run = await schedules.run("nightly")

    updated = await schedules.update("nightly", hourly)

    assert updated.last_runs == (run,)
    assert await crons(engine) == {"nightly": "0 * * * *"}


async def test_an_update_leaves_a_paused_schedule_paused(schedules, engine) -> None:
    await schedules.create("nightly", definition())
    await schedules.pause("nightly")

    assert (await schedules.update("nightly", hourly)).schedule.paused
    assert (await engine.get("nightly")).paused


async def test_of_two_updates_on_the_same_etag_one_is_refused(schedules) -> None:
    etag = (await schedules.create("nightly", definition())).schedule.etag

    answers = await asyncio.gather(
        *(
            schedules.update("nightly", change, etag=etag)
            for change in (hourly, lambda one: replace(one, cron="1 * * * *"))
        ),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers].count(ScheduleChanged) == 1


async def test_updates_without_etag_are_all_made(schedules, ledger, engine) -> None:
    await schedules.create("nightly", definition())

    await asyncio.gather(
        schedules.update("nightly", hourly),
        schedules.update("nightly", lambda one: replace(one, time_zone="Asia/Tokyo")),
        schedules.update("nightly", lambda one: replace(one, catch_up=CatchUp.LATEST)),
    )

    entered = await engine.get("nightly")
    assert (entered.cron, entered.time_zone, entered.catch_up) == ("0 * * * *", "Asia/Tokyo", True)


async def test_the_same_update_again_is_made_once(schedules) -> None:
    etag = (await schedules.create("nightly", definition(), request_id="r-1")).schedule.etag

    first = await schedules.update("nightly", hourly, etag=etag, request_id="r-2")
    again = await schedules.update("nightly", hourly, etag=etag, request_id="r-2")

    assert first.schedule == again.schedule


async def test_a_schedule_half_created_is_whole_after_the_next_launch(schedules, engine) -> None:
    engine.dead = True
    with pytest.raises(Dead):
        await schedules.create("nightly", definition())
    engine.dead = False

    await schedules.launch()

    assert await crons(engine) == {"nightly": "* * * * *"}


async def test_a_schedule_half_created_is_whole_when_the_request_comes_again(schedules, engine) -> None:
    engine.dead = True
    with pytest.raises(Dead):
        await schedules.create("nightly", definition(), request_id="r-1")
    engine.dead = False

    await schedules.create("nightly", definition(), request_id="r-1")

    assert await crons(engine) == {"nightly": "* * * * *"}


async def test_an_update_half_made_is_whole_when_the_schedule_is_read(schedules, engine) -> None:
    await schedules.create("nightly", definition())
    engine.dead = True
    with pytest.raises(Dead):
        await schedules.update("nightly", hourly)
    engine.dead = False

    read = await schedules.get("nightly")

    assert read.schedule.definition.cron == "0 * * * *"
    assert await crons(engine) == {"nightly": "0 * * * *"}


async def test_a_schedule_half_deleted_is_gone_after_the_next_launch(schedules, engine) -> None:
    await schedules.create("nightly", definition())
    engine.dead = True
    with pytest.raises(Dead):
        await schedules.delete("nightly")
    engine.dead = False

    await schedules.launch()

    assert await crons(engine) == {}


async def test_a_deleted_schedule_is_gone_and_its_transfers_go_on(schedules, engine, transfers) -> None:
    await schedules.create("nightly", definition())
    await schedules.run("nightly")

    await schedules.delete("nightly")

    assert await crons(engine) == {}
    assert [one.state.ended for one in transfers.all()] == [False]


async def test_a_run_now_is_started_and_noted_whatever_goes_on(schedules, transfers) -> None:
    await schedules.create("nightly", definition())
    await schedules.pause("nightly")

    first, second = await schedules.run("nightly"), await schedules.run("nightly")

    assert [first.transfer, second.transfer] == [one.id for one in transfers.all()]
    assert [one.request.schedule for one in transfers.all()] == ["nightly", "nightly"]
    assert (await schedules.get("nightly")).last_runs == (second, first)


async def test_a_run_now_that_is_asked_for_again_is_the_same_run(schedules, transfers) -> None:
    await schedules.create("nightly", definition(time_limit=timedelta(hours=1)))

    first = await schedules.run("nightly", request_id="r-1")
    again = await schedules.run("nightly", request_id="r-1")

    assert first == again
    assert len(transfers.all()) == 1
    assert (await schedules.get("nightly")).last_runs == (first,)
