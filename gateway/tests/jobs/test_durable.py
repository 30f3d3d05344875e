"""What only an engine with a job store can promise."""

from __future__ import annotations

import asyncio
import base64
import pickle
import sqlite3
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from audience_gateway.jobs import durable_schedules, job_store
from audience_gateway.jobs.catching_up import CatchingUp
from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.jobs.durable_schedules import DurableSchedules
from audience_gateway.jobs.engine import JobSchedule, StepResult, Steps
from audience_gateway.sdk import ConfigError
from notes import Gate, noted, submission, until

PICKLED = base64.b64encode(pickle.dumps({}))[:3].decode()  # how every pickle begins that DBOS would keep


@asynccontextmanager
async def running(url, job, **options):
    engine = DurableEngine(url, job, **options)
    await engine.launch()
    yield engine
    await engine.stop()


def contents(url: str) -> dict[str, list[str]]:
    """Each row of each table as text."""
    parsed = sa.make_url(url)
    engine = sa.create_engine(parsed if "sqlite" in url else parsed.set(drivername="postgresql+psycopg"))
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        found = {
            f"{schema}.{table}": [
                str(tuple(row)) for row in connection.execute(sa.text(f'SELECT * FROM "{schema}"."{table}"'))
            ]
            for schema in (("main",) if "sqlite" in url else ("public", "dbos"))
            for table in inspector.get_table_names(schema)
        }
    engine.dispose()
    return found


async def test_a_stopped_job_goes_on_at_the_step_that_was_given_up(durable_url):
    notes: list[str] = []
    gate = Gate(notes, "gate")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("before", noted(notes, "before"))
        steps.run("gate", gate)
        steps.run("after", noted(notes, "after"))

    async with running(durable_url, job) as engine:
        await engine.submit(submission("a"))
        await gate.entered()
    gate.open()
    async with running(durable_url, job):
        await until(lambda: "after" in notes)
    assert notes == ["before", "gate", "gate", "after"]


async def test_a_job_that_was_halted_is_resumed_after_a_restart(durable_url):
    notes: list[str] = []
    gate = Gate(notes, "gate")

    def job(job_id: str, steps: Steps) -> None:
        steps.run("before", noted(notes, "before"))
        steps.run("gate", gate)

    async with running(durable_url, job) as engine:
        await engine.submit(submission("a"))
        await gate.entered()
        await engine.halt("a")
    gate.open()
    async with running(durable_url, job) as engine:
        await engine.submit(submission("a"))
        await engine.submit(submission("b", partition="b"))
        await until(lambda: notes == ["before", "gate", "before", "gate"])  # of "b"
        await engine.resume("a")
        await until(lambda: notes == ["before", "gate", "before", "gate", "gate"])


async def test_jobs_in_a_queue_that_is_no_longer_named_still_run(durable_url):
    notes: list[str] = []
    gate = Gate(notes, "gate")
    async with running(durable_url, lambda job_id, steps: steps.run("gate", gate), queues={"old": 1}) as engine:
        await engine.submit(submission("a", queue="old"))
        await gate.entered()
    gate.open()
    async with running(durable_url, lambda job_id, steps: steps.run("gate", noted(notes, "done")), queues={"new": 1}):
        await until(lambda: notes == ["gate", "done"])


async def test_a_job_of_an_older_version_begins_anew(durable_url, monkeypatch):
    notes: list[str] = []
    gate = Gate(notes, "old")

    def old(job_id: str, steps: Steps) -> None:
        steps.run("first", noted(notes, "old first"))
        steps.run("gate", gate)

    monkeypatch.setattr(job_store, "VERSION", "1")
    async with running(durable_url, old, lease_seconds=0.5) as engine:
        await engine.submit(submission("a"))
        await gate.entered()
    monkeypatch.undo()
    new = lambda job_id, steps: steps.run("renamed", noted(notes, f"new {job_id}"))  # noqa: E731  # shorter
    async with running(durable_url, new, lease_seconds=0.5):
        await until(lambda: notes == ["old first", "old", "new a"])


def everything_in(url: str) -> str:
    return "\n".join(row for rows in contents(url).values() for row in rows)


async def test_a_database_on_sqlite_is_for_one_process(sqlite_url):
    async with running(sqlite_url, lambda job_id, steps: None):
        with pytest.raises(ConfigError) as refused:
            await DurableEngine(sqlite_url, lambda job_id, steps: None).launch()
    assert refused.value.place == "storage.state"
    assert refused.value.remedy


async def test_the_job_store_keeps_what_steps_answer_as_json_and_no_text_of_an_error(durable_url):
    notes: list[str] = []

    async def fails() -> StepResult:
        raise ValueError("person-4711")

    def job(job_id: str, steps: Steps) -> None:
        if job_id == "good":
            steps.run("count", noted(notes, "good", 17))
        else:
            steps.run("fails", fails)

    def occurrence(name: str, due: object, context: StepResult, steps: Steps) -> None:
        notes.append("occurrence")
        raise ValueError("person-4711")

    async with running(durable_url, job, occurrence=occurrence) as engine:
        await engine.submit(submission("bad"))
        await engine.submit(submission("good"))
        await engine.schedules.put(JobSchedule(name="s", cron="0 0 29 2 *", context={"of": "schedule"}))
        await engine.schedules.trigger("s")
        await until(lambda: sorted(notes) == ["good", "occurrence"])
        await until(lambda: all(one in everything_in(durable_url) for one in ('{"answer":17}', "JobFailed")))
    everything = everything_in(durable_url)
    assert "person-4711" not in everything
    assert "pickle" not in everything
    assert PICKLED not in everything


async def test_what_was_due_between_two_starts_is_made_up_for_if_it_is_to_be(durable_url):
    seen: set[datetime] = set()

    def occurrence(name: str, due: datetime, context: StepResult, steps: Steps) -> None:
        seen.add(due)

    async with running(durable_url, lambda job_id, steps: None, occurrence=occurrence) as engine:
        await engine.schedules.put(JobSchedule(name="s", cron="*/3 * * * * *", context={}, catch_up=True))
        await until(lambda: bool(seen))
    restarted = datetime.now(UTC)
    async with running(durable_url, lambda job_id, steps: None, occurrence=occurrence):
        await until(lambda: max(seen) > restarted and len(seen) == (max(seen) - min(seen)).total_seconds() / 3 + 1)


async def test_what_was_due_while_the_job_store_was_away_is_made_up_for_if_it_is_to_be(durable_url):
    seen: list[tuple[str, datetime]] = []

    def occurrence(name: str, due: datetime, context: StepResult, steps: Steps) -> None:
        seen.append((name, due))

    async with running(durable_url, lambda job_id, steps: None, occurrence=occurrence) as engine:
        for name, catch_up in (("wanted", True), ("let go", False)):
            await engine.schedules.put(JobSchedule(name=name, cron="0 0 1 1 *", context={}, catch_up=catch_up))
        client = job_store.open_client(durable_url)
        times = iter([datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)])
        catching_up = CatchingUp(client, 1.0, lambda: next(times))
        await asyncio.to_thread(catching_up.look)
        client.destroy()
        await until(lambda: bool(seen))
    assert seen == [("wanted", datetime(2026, 1, 1, tzinfo=UTC))]


async def test_occurrences_that_ended_a_while_ago_are_dropped(durable_url, monkeypatch):
    notes: list[str] = []

    def occurrence(name: str, due: datetime, context: StepResult, steps: Steps) -> None:
        notes.append(name)

    async with running(durable_url, lambda job_id, steps: None, occurrence=occurrence) as engine:
        await engine.schedules.put(JobSchedule(name="s", cron="0 0 29 2 *", context={}))
        await engine.schedules.trigger("s")
        await until(lambda: notes == ["s"])
    client = job_store.open_client(durable_url)
    schedules = DurableSchedules(client)
    await asyncio.to_thread(schedules.forget)
    assert len(await client.list_workflows_async()) == 1
    monkeypatch.setattr(durable_schedules, "_KEPT", -timedelta(minutes=1))
    await asyncio.to_thread(schedules.forget)
    assert await client.list_workflows_async() == []
    client.destroy()


async def test_a_step_whose_result_the_database_does_not_take_runs_again_when_it_does(tmp_path, sqlite_url):
    notes: list[str] = []

    def job(job_id: str, steps: Steps) -> None:
        steps.run("only", noted(notes, "ran"))
        notes.append("went on")

    async with running(sqlite_url, job, lease_seconds=0.5) as engine:
        database = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON operation_outputs BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        await engine.submit(submission("a"))
        await until(lambda: len(notes) >= 2)
        assert set(notes) == {"ran"}
        database.execute("DROP TRIGGER full")
        database.close()
        await until(lambda: notes[-1] == "went on")
