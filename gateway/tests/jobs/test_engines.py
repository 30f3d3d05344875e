"""Both job engines keep the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.jobs.engine import Job, JobEngine, StepResult, Steps
from audience_gateway.jobs.in_memory import InMemoryEngine

Make = Callable[[Job], JobEngine]


@pytest.fixture(params=["in memory", "durable"])
async def engine(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Callable[[Job], asyncio.Future[JobEngine]]]:
    """Launches an engine for a job, and stops it at the end of the test."""
    launched: list[JobEngine] = []

    async def launch(job: Job) -> JobEngine:
        make = InMemoryEngine(job) if request.param == "in memory" else durable(tmp_path, job)
        await make.launch()
        launched.append(make)
        return make

    yield launch
    for one in launched:
        await one.stop()


def durable(state: Path, job: Job) -> DurableEngine:
    return DurableEngine(f"sqlite:///{state}/jobs.db", job)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  # set by another thread
            await asyncio.sleep(0.01)


def noted(notes: list[str], note: str, answer: int = 0) -> Callable[[], object]:
    async def step() -> StepResult:
        notes.append(note)
        return {"answer": answer}

    return step


async def test_steps_run_in_order_and_answer_the_job(engine):
    notes: list[str] = []

    def job(job_id: str, steps: Steps) -> None:
        first = steps.run("first", noted(notes, f"{job_id} first", 7))
        steps.run("second", noted(notes, f"second after {first['answer']}"))

    launched = await engine(job)
    await launched.submit("a", partition="p")
    await until(lambda: len(notes) == 2)
    assert notes == ["a first", "second after 7"]


async def test_a_job_submitted_twice_runs_once(engine):
    notes: list[str] = []

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", noted(notes, job_id))

    launched = await engine(job)
    await launched.submit("a", partition="p")
    await launched.submit("a", partition="p")
    await launched.submit("b", partition="p")
    await until(lambda: "b" in notes)
    assert sorted(notes) == ["a", "b"]


async def test_jobs_of_one_partition_never_run_side_by_side(engine):
    running: set[str] = set()
    most: list[int] = []

    def job(job_id: str, steps: Steps) -> None:
        async def step() -> StepResult:
            running.add(job_id)
            most.append(len(running))
            await asyncio.sleep(0.05)
            running.discard(job_id)
            return {}

        steps.run("only", step)

    launched = await engine(job)
    for job_id in "abc":
        await launched.submit(job_id, partition="same")
    await until(lambda: len(most) == 3)
    assert most == [1, 1, 1]


async def test_jobs_of_two_partitions_run_side_by_side(engine):
    arrived: dict[str, asyncio.Event] = {"a": asyncio.Event(), "b": asyncio.Event()}

    def job(job_id: str, steps: Steps) -> None:
        async def meet() -> StepResult:
            arrived[job_id].set()
            await arrived["b" if job_id == "a" else "a"].wait()
            return {}

        steps.run("meet", meet)

    launched = await engine(job)
    await launched.submit("a", partition="a")
    await launched.submit("b", partition="b")
    await until(lambda: all(event.is_set() for event in arrived.values()))


async def test_a_stopped_durable_job_goes_on_at_the_step_that_was_given_up(tmp_path):
    notes: list[str] = []
    stuck = asyncio.Event()

    def job(job_id: str, steps: Steps) -> None:
        async def wait() -> StepResult:
            notes.append("wait")
            if notes.count("wait") == 1:
                stuck.set()
                await asyncio.Event().wait()
            return {}

        steps.run("before", noted(notes, "before"))
        steps.run("wait", wait)
        steps.run("after", noted(notes, "after"))

    first = durable(tmp_path, job)
    await first.launch()
    await first.submit("a", partition="p")
    await asyncio.wait_for(stuck.wait(), 30)
    await first.stop()
    second = durable(tmp_path, job)
    await second.launch()
    await until(lambda: "after" in notes)
    await second.stop()
    assert notes == ["before", "wait", "wait", "after"]
