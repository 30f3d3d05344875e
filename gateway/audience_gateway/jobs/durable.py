"""Jobs on DBOS: SQLite for one process, PostgreSQL for several."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from dbos import DBOS, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID

from audience_gateway.jobs.bridge import LoopBridge
from audience_gateway.jobs.engine import Job, StepResult

_QUEUE = "transfers"
_END_SECONDS = 10  # for jobs to notice that their steps were given up
_APPLICATION_VERSION = "1"  # of the order of steps; a job is only resumed by a process of the same version


class DurableEngine:
    """Runs jobs as DBOS workflows on one queue, partitioned so that one partition never runs two at a time.

    Args:
        database_url: SQLAlchemy address of the job store.
        job: what to run for each submitted id.
        concurrency: jobs that this process runs at a time.
        executor_id: name of this process, the same after a restart, so that it takes up its own jobs again.
    """

    def __init__(self, database_url: str, job: Job, *, concurrency: int = 4, executor_id: str = "gateway") -> None:
        self._database_url = database_url
        self._job = job
        self._concurrency = concurrency
        self._executor_id = executor_id
        self._bridge: LoopBridge | None = None

    async def launch(self) -> None:
        """Starts DBOS; it takes up the jobs that this executor had under way."""
        self._bridge = LoopBridge(asyncio.get_running_loop())
        await asyncio.to_thread(self._launch)

    def _launch(self) -> None:
        DBOS(
            config={
                "name": "audience-gateway",
                "system_database_url": self._database_url,
                "application_version": _APPLICATION_VERSION,
                "executor_id": self._executor_id,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "ERROR",
                "enable_otlp": False,
            }
        )
        # DBOS prints errors with their texts; let them go the way of all logs instead.
        log = logging.getLogger("dbos")
        log.handlers.clear()
        log.propagate = True

        @DBOS.workflow(name="transfer")
        def transfer(job_id: str) -> None:
            self._job(job_id, _DurableSteps(self._running_bridge()))

        self._workflow = transfer
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE,
            worker_concurrency=self._concurrency,
            partition_concurrency=1,
            polling_interval_sec=0.1,
            on_conflict="always_update",
        )

    async def submit(self, job_id: str, *, partition: str) -> None:
        """Enqueues the job under its own id: DBOS runs an id once."""
        await asyncio.to_thread(self._enqueue, job_id, partition)

    async def stop(self) -> None:
        """Gives up steps under way without recording an end, so that the next launch resumes the jobs."""
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=_END_SECONDS)

    def _enqueue(self, job_id: str, partition: str) -> None:
        with SetWorkflowID(job_id), SetEnqueueOptions(queue_partition_key=partition):
            DBOS.enqueue_workflow(_QUEUE, self._workflow, job_id)

    def _running_bridge(self) -> LoopBridge:
        if self._bridge is None:
            raise RuntimeError("the engine is not launched")
        return self._bridge


class _DurableSteps:
    def __init__(self, bridge: LoopBridge) -> None:
        self._bridge = bridge

    def run(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        def call() -> StepResult:
            return self._bridge.call(step)

        return DBOS.run_step({"name": name}, call)
