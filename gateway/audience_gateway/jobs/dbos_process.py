"""DBOS in this process: it takes jobs from their queues and runs them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from dbos import DBOS, DBOSPortableJSONSerializer

from audience_gateway.jobs import durable_schedules, job_store
from audience_gateway.jobs.durable_schedules import Context

_SCHEDULER_SECONDS = 2.0
_POOL = 10
_END_SECONDS = 10

RunJob = Callable[[str, str, str], None]
"""Runs a job: gets its id, queue and partition."""
RunOccurrence = Callable[[str, Context], None]
"""Lets a schedule happen: gets the time that was due, in ISO 8601, and what is kept with the schedule."""


class JobFailed(Exception):
    """A job raised, or an occurrence. The job store keeps the type of the error only: texts may hold ids."""


def migrate(database_url: str) -> None:
    """Makes the tables of DBOS, or brings them up to date."""
    _quiet()
    DBOS.migrate(database_url)


def start(database_url: str, executor: str, run_job: RunJob, run_occurrence: RunOccurrence) -> None:
    """Starts DBOS; it takes up what this executor had under way. Its tables and queues have to be there."""
    DBOS(
        config={
            "name": job_store.APPLICATION,
            "system_database_url": database_url,
            "sys_db_pool_size": _POOL,
            "application_version": job_store.VERSION,
            "executor_id": executor,
            "serializer": DBOSPortableJSONSerializer(),
            "scheduler_polling_interval_sec": _SCHEDULER_SECONDS,
            "log_level": "ERROR",
            "enable_otlp": False,
        }
    )
    _quiet()

    # However often a process died under a job, or the database under a process: the job is not at fault.
    @DBOS.workflow(name=job_store.WORKFLOW, max_recovery_attempts=None)
    def job(job_id: str, queue: str, partition: str) -> None:
        _failing_without_text(lambda: run_job(job_id, queue, partition))

    @DBOS.workflow(name=durable_schedules.WORKFLOW, max_recovery_attempts=None)
    def occurrence(due: str, context: dict[str, Any]) -> None:
        _failing_without_text(lambda: run_occurrence(due, cast("Context", context)))

    DBOS.launch()


def stop() -> None:
    """Stops DBOS; it begins nothing any more, and records how jobs ended that have."""
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=_END_SECONDS)


def workflow_id() -> str:
    """What DBOS calls the workflow that the caller runs in."""
    running = DBOS.workflow_id
    if running is None:
        raise RuntimeError("this is no workflow")
    return running


def _failing_without_text(run: Callable[[], None]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001  # every error; what ends the job in its own way it has seen to itself
        raise JobFailed(type(error).__qualname__) from None


def _quiet() -> None:
    # DBOS prints errors with their texts; let them go the way of all logs instead.
    log = logging.getLogger("dbos")
    log.setLevel(logging.ERROR)
    log.handlers.clear()
    log.propagate = True
