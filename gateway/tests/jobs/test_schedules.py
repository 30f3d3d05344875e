"""Schedules in memory and in the job store keep the same promises."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from audience_gateway.jobs.durable_schedules import DurableSchedules
from audience_gateway.jobs.engine import JobSchedule, StepResult, Steps
from notes import noted, until

EACH_SECOND = "* * * * * *"
SELDOM = "0 0 29 2 *"
LONGER_THAN_DBOS_LOOKS = 3.0
CONTEXT: StepResult = {"share": {"source": "a/b", "limits": [1, 2.5, None, True]}, "name": "Zürich"}


class Occurrences:
    """What happened, by schedules."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, datetime, StepResult]] = []

    def __call__(self, schedule: str, due: datetime, context: StepResult, steps: Steps) -> None:
        self.seen.append((schedule, due, context))


@pytest.fixture
def occurrences() -> Occurrences:
    return Occurrences()


@pytest.fixture
async def schedules(launch, occurrences):
    engine = await launch(lambda job_id, steps: None, occurrence=occurrences)
    return engine.schedules


def schedule(name: str = "nightly", cron: str = SELDOM, **changes: object) -> JobSchedule:
    return replace(JobSchedule(name=name, cron=cron, context=CONTEXT), **changes)


def steps_between(times: Iterable[datetime]) -> list[timedelta]:
    """How long it is from each time to the next one."""
    return [later - earlier for earlier, later in pairwise(sorted(times))]


async def test_it_happens_at_each_time_that_is_due_and_is_told_its_context(schedules, occurrences):
    await schedules.put(schedule("often", EACH_SECOND))
    # On a machine that is busy a second may pass unseen, and two occurrences begin in either order.
    await until(lambda: timedelta(seconds=1) in steps_between(due for _, due, _ in occurrences.seen))
    assert {name for name, _, _ in occurrences.seen} == {"often"}
    for _, due, context in occurrences.seen:
        assert context == CONTEXT
        assert due.utcoffset() == timedelta(0)
        assert due.microsecond == 0
    assert min(steps_between(due for _, due, _ in occurrences.seen)) == timedelta(seconds=1)


async def test_when_it_last_happened_is_kept(schedules, occurrences):
    await schedules.put(schedule("often", EACH_SECOND))
    await until(lambda: len(occurrences.seen) >= 2)
    assert (await schedules.get("often")).last_fired >= occurrences.seen[0][1]
    await schedules.put(schedule("often", EACH_SECOND, paused=True))
    paused = await schedules.get("often")
    await schedules.put(schedule("often", SELDOM))
    assert (await schedules.get("often")).last_fired >= paused.last_fired


async def test_a_paused_one_does_not_happen_until_it_is_no_longer_paused(schedules, occurrences):
    await schedules.put(schedule("paused", EACH_SECOND, paused=True))
    await schedules.put(schedule("often", EACH_SECOND))
    await until(lambda: len(occurrences.seen) >= 3)
    assert {name for name, _, _ in occurrences.seen} == {"often"}
    await schedules.put(schedule("paused", EACH_SECOND))
    await until(lambda: "paused" in {name for name, _, _ in occurrences.seen})


async def test_a_new_one_that_is_paused_does_not_happen_either(schedules, occurrences, monkeypatch):
    if isinstance(schedules, DurableSchedules):
        pause = schedules._client.pause_schedule

        def late(name: str) -> None:
            time.sleep(LONGER_THAN_DBOS_LOOKS)
            pause(name)

        monkeypatch.setattr(schedules._client, "pause_schedule", late)
    await schedules.put(schedule("paused", EACH_SECOND, paused=True))
    paused = await schedules.get("paused")
    assert (paused.paused, paused.cron, occurrences.seen) == (True, EACH_SECOND, [])


async def test_what_was_due_in_a_pause_is_not_made_up_for(schedules, occurrences):
    await schedules.put(schedule("often", EACH_SECOND, catch_up=True))
    await until(lambda: bool(occurrences.seen))
    await schedules.put(schedule("often", EACH_SECOND, catch_up=True, paused=True))
    await schedules.put(schedule("clock", EACH_SECOND))
    await until(lambda: len([name for name, _, _ in occurrences.seen if name == "clock"]) >= 3)
    resumed = datetime.now(UTC)
    await schedules.put(schedule("often", EACH_SECOND, catch_up=True))
    seen = len(occurrences.seen)
    await until(lambda: "often" in {name for name, _, _ in occurrences.seen[seen:]})
    first = next(due for name, due, _ in occurrences.seen[seen:] if name == "often")
    assert first >= resumed - timedelta(seconds=1)


async def test_it_can_be_let_happen_now_also_if_it_is_paused(schedules, occurrences):
    await schedules.put(schedule(paused=True))
    before = datetime.now(UTC)
    await schedules.trigger("nightly")
    await until(lambda: bool(occurrences.seen))
    ((name, due, context),) = occurrences.seen
    assert (name, context) == ("nightly", CONTEXT)
    assert due >= before - timedelta(milliseconds=1)


async def test_one_that_there_is_not_cannot_be_let_happen(schedules):
    with pytest.raises(KeyError):
        await schedules.trigger("unknown")


async def test_an_occurrence_has_steps_as_a_job_has(launch):
    notes: list[str] = []

    def occurrence(name: str, due: datetime, context: StepResult, steps: Steps) -> None:
        answer = steps.run("first", noted(notes, "first", 3))
        steps.run("second", noted(notes, f"second {answer['answer']}"))

    engine = await launch(lambda job_id, steps: None, occurrence=occurrence)
    await engine.schedules.put(schedule())
    await engine.schedules.trigger("nightly")
    await until(lambda: notes == ["first", "second 3"])


async def test_they_are_listed_by_name(schedules):
    entered = [
        schedule("b", "0 4 * * *", time_zone="Europe/Berlin", catch_up=True),
        schedule("a", paused=True),
        schedule("c"),
    ]
    for one in entered:
        await schedules.put(one)
    assert await schedules.list() == sorted(entered, key=lambda one: one.name)


async def test_one_is_replaced_by_another_of_its_name(schedules):
    await schedules.put(schedule(paused=True))
    changed = schedule(cron="0 5 * * *", time_zone="Asia/Tokyo", context={"other": 1}, catch_up=True)
    await schedules.put(changed)
    assert await schedules.get("nightly") == changed
    assert await schedules.list() == [changed]


async def test_one_that_is_deleted_is_gone(schedules):
    await schedules.put(schedule())
    await schedules.delete("nightly")
    await schedules.delete("unknown")
    assert await schedules.get("nightly") is None
    assert await schedules.list() == []


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        (schedule(cron="whenever"), "has five fields"),
        (schedule(cron="0 0 30 2 *"), "never comes"),
        (schedule(time_zone="Mars/Olympus"), "no such time zone"),
    ],
    ids=["no expression", "no such day", "no time zone"],
)
async def test_one_that_cannot_be_is_not_entered(schedules, wrong, finding):
    with pytest.raises(ValueError, match=finding):
        await schedules.put(wrong)
    assert await schedules.list() == []
