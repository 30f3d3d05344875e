"""All job engines keep the same promises."""

from __future__ import annotations

import asyncio

from audience_gateway.jobs.engine import StepResult, Steps
from notes import Gate, noted, submission, until


async def test_steps_run_in_order_and_answer_the_job(launch):
    notes: list[str] = []

    def job(job_id: str, steps: Steps) -> None:
        first = steps.run("first", noted(notes, f"{job_id} first", 7))
        steps.run("second", noted(notes, f"second after {first['answer']}"))

    engine = await launch(job)
    await engine.submit(submission("a"))
    await until(lambda: len(notes) == 2)
    assert notes == ["a first", "second after 7"]


async def test_a_job_submitted_twice_runs_once(launch):
    notes: list[str] = []

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", noted(notes, job_id))

    engine = await launch(job)
    for job_id in ("a", "a", "b"):
        await engine.submit(submission(job_id))
    await until(lambda: "b" in notes)
    assert sorted(notes) == ["a", "b"]


async def test_jobs_of_one_partition_never_run_side_by_side(launch):
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

    engine = await launch(job, queues={"q": 3})
    for job_id in "abc":
        await engine.submit(submission(job_id, partition="same"))
    await until(lambda: len(most) == 3)
    assert most == [1, 1, 1]


async def test_jobs_of_two_partitions_run_side_by_side(launch):
    notes: list[str] = []
    gates = {name: Gate(notes, name) for name in "ab"}

    engine = await launch(lambda job_id, steps: steps.run("meet", gates[job_id]), queues={"q": 2})
    for name in "ab":
        await engine.submit(submission(name, partition=name))
    for gate in gates.values():
        await gate.entered()
        gate.open()


async def test_a_queue_that_is_full_holds_up_no_other(launch):
    notes: list[str] = []
    stuck = Gate(notes, "stuck")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", stuck if job_id == "stuck" else noted(notes, job_id))

    engine = await launch(job, queues={"dead": 1, "alive": 1})
    await engine.submit(submission("stuck", queue="dead"))
    await stuck.entered()
    await engine.submit(submission("behind", queue="dead", partition="another"))
    await engine.submit(submission("free", queue="alive"))
    await until(lambda: "free" in notes)
    assert notes == ["stuck", "free"]


async def test_a_queue_that_was_not_named_has_one_place(launch):
    notes: list[str] = []
    stuck = Gate(notes, "first")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", stuck if job_id == "first" else noted(notes, job_id))

    engine = await launch(job, queues={"named": 1})
    await engine.submit(submission("first", queue="gone"))
    await stuck.entered()
    await engine.submit(submission("second", queue="gone", partition="another"))
    stuck.open()
    await until(lambda: "second" in notes)


async def test_of_the_jobs_waiting_in_a_partition_the_one_of_the_lowest_number_begins_first(launch):
    notes: list[str] = []
    stuck = Gate(notes, "first")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", stuck if job_id == "first" else noted(notes, job_id))

    engine = await launch(job)
    await engine.submit(submission("first"))
    await stuck.entered()
    for priority in (20, 5, 10, 1):
        await engine.submit(submission(f"priority {priority}", priority=priority))
    stuck.open()
    await until(lambda: len(notes) == 5)
    assert notes == ["first", "priority 1", "priority 5", "priority 10", "priority 20"]


async def test_jobs_of_one_priority_begin_in_the_order_in_which_they_were_accepted(launch):
    notes: list[str] = []
    stuck = Gate(notes, "first")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", stuck if job_id == "first" else noted(notes, job_id))

    engine = await launch(job)
    await engine.submit(submission("first"))
    await stuck.entered()
    for job_id in "zyx":
        await engine.submit(submission(job_id))
    stuck.open()
    await until(lambda: len(notes) == 4)
    assert notes == ["first", "z", "y", "x"]


async def test_a_job_that_raises_holds_up_no_other(launch):
    notes: list[str] = []

    def job(job_id: str, steps: Steps) -> None:
        if job_id == "bad":
            raise ValueError
        steps.run("only", noted(notes, job_id))

    engine = await launch(job)
    await engine.submit(submission("bad"))
    await engine.submit(submission("good"))
    await until(lambda: notes == ["good"])


async def test_a_job_gets_the_error_that_its_step_raised(launch):
    notes: list[str] = []

    async def fails() -> StepResult:
        raise LookupError("why")

    def job(job_id: str, steps: Steps) -> None:
        try:
            steps.run("fails", fails)
        except LookupError as error:
            steps.run("tell", noted(notes, str(error)))

    engine = await launch(job)
    await engine.submit(submission("a"))
    await until(lambda: notes == ["why"])


async def test_a_job_that_is_forgotten_can_be_submitted_again(launch):
    notes: list[str] = []
    engine = await launch(lambda job_id, steps: steps.run("only", noted(notes, job_id)))
    await engine.submit(submission("a"))
    await engine.submit(submission("behind"))
    await until(lambda: "behind" in notes)
    await engine.forget(["a", "unknown"])
    await engine.submit(submission("a"))
    await until(lambda: notes == ["a", "behind", "a"])


async def test_a_job_under_way_is_not_forgotten(launch):
    notes: list[str] = []
    gate = Gate(notes, "a")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("gate", gate)
        steps.run("after", noted(notes, "after"))

    engine = await launch(job)
    await engine.submit(submission("a"))
    await gate.entered()
    await engine.forget(["a"])
    gate.open()
    await until(lambda: notes == ["a", "after"])
