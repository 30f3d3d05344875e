"""Jobs on DBOS: SQLite for one process, PostgreSQL for several."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import TypeVar

from audience_gateway.jobs import dbos_process
from audience_gateway.jobs.bridge import LoopBridge
from audience_gateway.jobs.catching_up import CatchingUp
from audience_gateway.jobs.durable_schedules import Context, DurableSchedules
from audience_gateway.jobs.durable_steps import DurableSteps
from audience_gateway.jobs.engine import Job, JobSchedules, Occurrence, StepResult, Steps, Stopped, Submission
from audience_gateway.jobs.handing_back import HandingBack
from audience_gateway.jobs.job_store import JobStore, open_client
from audience_gateway.jobs.presence import presence
from audience_gateway.jobs.queues import OCCURRENCES, Queues
from audience_gateway.jobs.repeating import Repeating, tolerating
from audience_gateway.jobs.running import Running

_FORGET_SECONDS = 600.0
_END_SECONDS = 10  # for jobs to notice that their steps were given up

T = TypeVar("T")


class DurableEngine:
    """Runs jobs as DBOS workflows on one queue a name, partitioned so that one partition never runs two at a time.

    Args:
        database_url: SQLAlchemy address of the job store; on PostgreSQL with the tables of `storage.schema`.
        job: what to run for each submitted id.
        occurrence: what to run whenever a schedule says so.
        queues: for each queue, how many of its jobs this process runs side by side.
        concurrency: the same for a queue that is not among these.
        executor: name of this process.
        lease_seconds: after this time without a sign of life a process counts as dead, and its jobs go to others.
    """

    def __init__(
        self,
        database_url: str,
        job: Job,
        *,
        occurrence: Occurrence | None = None,
        queues: Mapping[str, int] | None = None,
        concurrency: int = 1,
        executor: str = "gateway",
        lease_seconds: float = 10.0,
    ) -> None:
        self._database_url = database_url
        self._job = job
        self._occurrence = occurrence or _ignore
        self._places = dict(queues or {})
        self._concurrency = concurrency
        self._presence = presence(database_url, executor, lease_seconds)
        self._running = Running()
        self._bridge: LoopBridge | None = None
        self._store: JobStore | None = None
        self._schedules: DurableSchedules | None = None
        self._launched = ExitStack()

    @property
    def schedules(self) -> JobSchedules:
        """Its schedules, once it is launched."""
        return _there(self._schedules)

    async def launch(self) -> None:
        """Starts DBOS; it takes up the jobs that this process had under way. Raises ConfigError if SQLite is in use."""
        self._bridge = LoopBridge(asyncio.get_running_loop())
        await asyncio.to_thread(self._launch)

    async def submit(self, submission: Submission) -> None:
        """Enqueues the job under its own id: DBOS runs an id once."""
        await asyncio.to_thread(_there(self._store).submit, submission)

    async def halt(self, job_id: str) -> None:
        """Lets the job begin no further step."""
        await asyncio.to_thread(_there(self._store).halt, job_id)

    async def resume(self, job_id: str) -> None:
        """Lets a halted job go on in its queue."""
        await asyncio.to_thread(_there(self._store).resume, job_id)

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Drops jobs that have ended or are halted."""
        await asyncio.to_thread(_there(self._store).forget, job_ids)

    async def stop(self) -> None:
        """Gives up steps under way without recording an end, and hands their jobs back to their queues."""
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None
        await asyncio.to_thread(self._launched.close)

    def _launch(self) -> None:
        present = self._presence
        with ExitStack() as launched:
            present.begin()
            launched.callback(tolerating, "leave", lambda: present.end(idle=self._running.wait_for_none(0)))
            dbos_process.migrate(self._database_url)
            client = open_client(self._database_url)
            launched.callback(client.destroy)
            queues = Queues(client, self._places, self._concurrency)
            queues.register_all()
            handing_back = HandingBack(client, present.executor, self._running, present.replicas)
            launched.callback(tolerating, "give up", handing_back.give_up)
            # Before the start: an occurrence that waits begins at once, and asks for them.
            self._store = store = JobStore(client, queues)
            self._schedules = schedules = DurableSchedules(client)
            launched.callback(dbos_process.stop)
            dbos_process.start(self._database_url, present.executor, self._run_job, self._run_occurrence)
            launched.callback(self._running.wait_for_none, _END_SECONDS)
            for name, look, seconds in (
                ("hand back", handing_back.look, present.look_seconds),
                ("renew", store.renew_older, present.look_seconds),
                ("catch up", CatchingUp(client, present.look_seconds).look, present.look_seconds),
                ("forget", schedules.forget, _FORGET_SECONDS),
            ):
                looking = Repeating(name, look, seconds)
                looking.start()
                launched.callback(looking.stop)
            self._launched = launched.pop_all()

    def _run_job(self, job_id: str, queue: str, partition: str) -> None:
        with self._running.job(job_id, (queue, partition)):
            self._job(job_id, self._steps())

    def _run_occurrence(self, due: str, context: Context) -> None:
        occurrence_id = dbos_process.workflow_id()
        with self._running.job(occurrence_id, (OCCURRENCES, occurrence_id)):
            self._occurrence(context["schedule"], datetime.fromisoformat(due), context["context"], self._steps())

    def _steps(self) -> DurableSteps:
        if self._bridge is None:
            raise Stopped
        return DurableSteps(self._bridge, self._presence.hold())


def _ignore(schedule: str, due: datetime, context: StepResult, steps: Steps) -> None:
    """Nothing happens: the engine was given no occurrence."""


def _there(part: T | None) -> T:
    if part is None:
        raise RuntimeError("the engine is not launched")
    return part
