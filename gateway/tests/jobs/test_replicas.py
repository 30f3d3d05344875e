"""Several processes share the jobs in one database, whatever happens to one of them."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.jobs.job_store import JobStore, open_client
from audience_gateway.jobs.queues import Queues
from audience_gateway.storage.schema import REPLICAS
from notes import submission, until

LEASE = 2.0


class Fleet:
    """Replicas on one database, and what their jobs noted."""

    def __init__(self, directory: Path, database: str) -> None:
        self._notes = directory / "notes"
        self._notes.touch()
        self._database = database
        self._processes: list[subprocess.Popen[bytes]] = []

    async def start(self, lease: float = LEASE) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, Path(__file__).with_name("replica.py"), self._database, self._notes, str(lease)]
        process = await asyncio.to_thread(subprocess.Popen, arguments)
        self._processes.append(process)
        await self.noted("up", process)
        return process

    async def submit(self, job_id: str) -> None:
        await asyncio.to_thread(self._submit, job_id)

    def _submit(self, job_id: str) -> None:
        client = open_client(self._database)
        JobStore(client, Queues(client, {"q": 4}, 1)).submit(submission(job_id, partition=job_id))
        client.destroy()

    def let_write(self, job_id: str) -> None:
        (self._notes.parent / job_id).touch()

    def notes(self) -> list[tuple[str, int]]:
        """What was noted, and by which process."""
        lines = [line.rpartition(" ") for line in self._notes.read_text().splitlines()]
        return [(text, int(process)) for text, _, process in lines]

    def who(self, text: str) -> list[int]:
        return [process for noted, process in self.notes() if noted == text]

    async def noted(self, text: str, by: subprocess.Popen[bytes]) -> None:
        await until(lambda: by.pid in self.who(text))

    def end(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


@pytest.fixture
def fleet(tmp_path: Path, replicas_url: str) -> Iterator[Fleet]:
    started = Fleet(tmp_path, replicas_url)
    yield started
    started.end()


@pytest.fixture
def rows(replicas_url: str) -> Iterator[Callable[[], list[str]]]:
    engine = sa.create_engine(sa.make_url(replicas_url).set(drivername="postgresql+psycopg"))

    def ids() -> list[str]:
        with engine.connect() as connection:
            return list(connection.execute(sa.select(REPLICAS.c.id)).scalars())

    yield ids
    engine.dispose()


async def test_a_job_of_a_killed_process_goes_on_in_another_behind_its_kept_steps(fleet):
    killed = await fleet.start()
    await fleet.submit("job")
    await fleet.noted("job waits", killed)
    other = await fleet.start()
    killed.kill()
    await fleet.noted("job waits", other)
    fleet.let_write("job")
    await fleet.noted("job ends", other)
    assert fleet.who("job begins") == [killed.pid]
    assert fleet.who("job writes") == [other.pid]


async def test_a_process_that_was_stopped_beyond_its_lease_writes_nothing_when_it_wakes(fleet):
    stopped = await fleet.start()
    await fleet.submit("job")
    await fleet.noted("job waits", stopped)
    other = await fleet.start()
    stopped.send_signal(signal.SIGSTOP)
    await fleet.noted("job waits", other)
    fleet.let_write("job")
    stopped.send_signal(signal.SIGCONT)
    await fleet.noted("job gives up", stopped)
    await fleet.noted("job ends", other)
    other.kill()
    await fleet.submit("next")
    await fleet.noted("next waits", stopped)
    assert fleet.who("job writes") == [other.pid]
    assert fleet.who("job ends") == [other.pid]


async def test_a_process_that_ends_hands_its_jobs_back_at_once(fleet):
    ending = await fleet.start(lease=3600)
    await fleet.submit("job")
    await fleet.noted("job waits", ending)
    other = await fleet.start(lease=3600)
    ending.terminate()
    await fleet.noted("job waits", other)
    assert ending.wait(60) == 0


async def test_a_process_is_entered_while_it_runs(fleet, rows):
    process = await fleet.start()
    (entered,) = rows()
    process.terminate()
    process.wait(60)
    assert entered.startswith("gateway-")
    assert rows() == []


async def test_a_killed_process_is_forgotten(fleet, rows):
    killed = await fleet.start(lease=0.5)
    (dead,) = rows()
    killed.kill()
    await fleet.start(lease=0.5)
    await until(lambda: dead not in rows())


async def test_jobs_go_on_when_the_database_was_away_for_longer_than_the_lease(tmp_path, own_postgres):
    database = own_postgres.create("jobs")
    engine = sa.create_engine(sa.make_url(database).set(drivername="postgresql+psycopg"))
    REPLICAS.create(engine)
    engine.dispose()
    fleet = Fleet(tmp_path, database)
    try:
        process = await fleet.start(lease=1.0)
        await fleet.submit("job")
        await fleet.noted("job waits", process)
        own_postgres.stop()
        await fleet.noted("job gives up", process)
        own_postgres.start()
        fleet.let_write("job")
        await fleet.noted("job ends", process)
        assert len(fleet.who("job begins")) == 1
    finally:
        fleet.end()
