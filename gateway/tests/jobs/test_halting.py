"""Halting and resuming jobs."""

from __future__ import annotations

from audience_gateway.jobs.engine import Steps, Stopped
from notes import Gate, noted, submission, until


async def test_a_halted_job_begins_no_further_step_and_is_told_so(launch):
    notes: list[str] = []
    gate = Gate(notes, "under way")

    def job(job_id: str, steps: Steps) -> None:
        if job_id == "behind":
            steps.run("only", noted(notes, "behind"))
            return
        try:
            steps.run("under way", gate)
            steps.run("further", noted(notes, "further"))
        except Stopped:
            notes.append("stopped")
            raise

    engine = await launch(job)
    await engine.submit(submission("a"))
    await gate.entered()
    await engine.halt("a")
    gate.open()
    await until(lambda: "stopped" in notes)
    await engine.submit(submission("behind"))
    await until(lambda: "behind" in notes)
    assert notes == ["under way", "stopped", "behind"]


async def test_a_resumed_job_goes_on_behind_its_last_kept_step(launch):
    notes: list[str] = []
    gate = Gate(notes, "under way")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("before", noted(notes, "before"))
        steps.run("under way", gate)
        steps.run("further", noted(notes, "further"))

    engine = await launch(job)
    await engine.submit(submission("a"))
    await gate.entered()
    await engine.halt("a")
    gate.open()
    await engine.resume("a")
    await until(lambda: "further" in notes)
    assert notes.count("before") == 1
    assert notes.count("under way") in (1, 2)


async def test_nothing_runs_in_its_partition_while_the_last_step_of_a_halted_job_does(launch):
    notes: list[str] = []
    gate = Gate(notes, "begun")

    async def last_step() -> dict[str, int]:
        await gate()
        notes.append("ended")
        return {}

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", last_step if job_id == "a" else noted(notes, job_id))

    engine = await launch(job, queues={"q": 3})
    await engine.submit(submission("a"))
    await gate.entered()
    await engine.halt("a")
    await engine.submit(submission("same partition"))
    await engine.submit(submission("another partition", partition="another"))
    await until(lambda: "another partition" in notes)
    gate.open()
    await until(lambda: "same partition" in notes)
    assert notes.index("ended") < notes.index("same partition")


async def test_a_halted_job_that_waits_does_not_begin_until_it_is_resumed(launch):
    notes: list[str] = []
    gate = Gate(notes, "first")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", gate if job_id == "first" else noted(notes, job_id))

    engine = await launch(job)
    for job_id in ("first", "halted", "last"):
        await engine.submit(submission(job_id))
    await gate.entered()
    await engine.halt("halted")
    gate.open()
    await until(lambda: "last" in notes)
    assert notes == ["first", "last"]
    await engine.resume("halted")
    await until(lambda: notes == ["first", "last", "halted"])


async def test_a_resumed_job_waits_in_its_queue_and_partition_again(launch):
    notes: list[str] = []
    gates = {name: Gate(notes, name) for name in ("first", "second")}

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", gates[job_id])

    engine = await launch(job, queues={"q": 2})
    await engine.submit(submission("first"))
    await gates["first"].entered()
    await engine.submit(submission("second"))
    await engine.halt("second")
    await engine.resume("second")
    await engine.submit(submission("elsewhere", queue="other"))
    assert notes == ["first"]
    gates["first"].open()
    await gates["second"].entered()
    gates["second"].open()


async def test_jobs_that_have_ended_and_unknown_ones_are_neither_halted_nor_resumed(launch):
    notes: list[str] = []
    engine = await launch(lambda job_id, steps: steps.run("only", noted(notes, job_id)))
    await engine.submit(submission("ended"))
    await engine.submit(submission("behind it"))
    await until(lambda: "behind it" in notes)
    for job_id in ("ended", "unknown"):
        await engine.halt(job_id)
        await engine.resume(job_id)
    await engine.submit(submission("last"))
    await until(lambda: "last" in notes)
    assert notes == ["ended", "behind it", "last"]


async def test_a_halted_job_can_be_forgotten(launch):
    notes: list[str] = []
    gate = Gate(notes, "first")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", gate if job_id == "first" else noted(notes, job_id))

    engine = await launch(job)
    for job_id in ("first", "halted"):
        await engine.submit(submission(job_id))
    await gate.entered()
    await engine.halt("halted")
    await engine.forget(["halted"])
    await engine.resume("halted")
    gate.open()
    await engine.submit(submission("last"))
    await until(lambda: "last" in notes)
    assert notes == ["first", "last"]
