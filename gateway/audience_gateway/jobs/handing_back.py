"""Handing jobs back to their queues that nobody runs any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import structlog
from dbos import DBOSClient, WorkflowStatus

from audience_gateway.jobs.replicas import Replicas
from audience_gateway.jobs.running import Running


class HandingBack:
    """Finds jobs that the job store takes to be running though they are not.

    Args:
        client: the job store.
        executor: id of this process in it.
        running: what this process runs.
        replicas: the processes beside this one; None if there are none.
    """

    def __init__(self, client: DBOSClient, executor: str, running: Running, replicas: Replicas | None) -> None:
        self._client = client
        self._executor = executor
        self._running = running
        self._replicas = replicas
        self._idle: set[str] = set()

    def look(self) -> None:
        """Hands back what this process lost, and what processes had that died."""
        self._hand_back(self._lost())
        if self._replicas is None:
            return
        with self._replicas.alone() as alone:
            if alone:
                # In this order: who begins to beat in between is alive already when its first job begins.
                pending = self._pending()
                live = self._replicas.live()
                self._hand_back(job for job in pending if job.executor_id not in live)
                self._replicas.forget_dead()

    def give_up(self) -> None:
        """Hands back what this process had under way, save what still runs."""
        self._hand_back(job for job in self._pending(self._executor) if job.workflow_id not in self._running)

    def _lost(self) -> list[WorkflowStatus]:
        """Own jobs that were idle twice: given up when the lease lapsed, or lost with a connection as they began."""
        idle = [job for job in self._pending(self._executor) if job.workflow_id not in self._running]
        before, self._idle = self._idle, {job.workflow_id for job in idle}
        return [job for job in idle if job.workflow_id in before]

    def _pending(self, executor: str | None = None) -> list[WorkflowStatus]:
        return self._client.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)

    def _hand_back(self, jobs: Iterable[WorkflowStatus]) -> None:
        queues: defaultdict[str | None, list[str]] = defaultdict(list)
        for job in jobs:
            queues[job.queue_name].append(job.workflow_id)
        for queue, ids in queues.items():
            self._client.resume_workflows(ids, queue_name=queue)
            structlog.get_logger("jobs").info("jobs handed back", jobs=len(ids))
