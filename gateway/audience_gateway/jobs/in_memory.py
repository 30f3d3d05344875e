"""Jobs of one process, gone with it: for unit tests and for trying things out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from audience_gateway.jobs.bridge import LoopBridge
from audience_gateway.jobs.engine import Job, JobSchedules, Occurrence, StepResult, Stopped, Submission
from audience_gateway.jobs.in_memory_schedules import InMemorySchedules


class InMemoryEngine:
    """Runs jobs in threads and keeps the results of steps in a dictionary.

    Args:
        job: what to run for each submitted id.
        occurrence: what to run whenever a schedule says so.
        queues: for each queue, how many of its jobs run side by side.
        concurrency: the same for a queue that is not among these.
    """

    def __init__(
        self,
        job: Job,
        *,
        occurrence: Occurrence | None = None,
        queues: Mapping[str, int] | None = None,
        concurrency: int = 1,
    ) -> None:
        self._job = job
        self._places = dict(queues or {})
        self._concurrency = concurrency
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Condition()
        self._bridge: LoopBridge | None = None
        self._schedules = InMemorySchedules(occurrence, self._steps)

    @property
    def schedules(self) -> JobSchedules:
        """Its schedules."""
        return self._schedules

    async def launch(self) -> None:
        """Starts; there is nothing to go on with."""
        self._bridge = LoopBridge(asyncio.get_running_loop())
        self._schedules.launch()

    async def submit(self, submission: Submission) -> None:
        """Enters the job, unless it was submitted before."""
        if self._bridge is None:
            raise RuntimeError("the engine is not launched")
        with self._lock:
            self._jobs.setdefault(submission.job_id, _Job(submission))
            self._begin()

    async def halt(self, job_id: str) -> None:
        """Lets the job begin no further step."""
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id].halted = True

    async def resume(self, job_id: str) -> None:
        """Lets a halted job go on."""
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id].halted = False
            self._begin()

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Drops jobs that have ended or are halted."""
        with self._lock:
            for job_id in job_ids:
                job = self._jobs.get(job_id)
                if job is not None and (job.ended or job.halted):
                    job.halted = True
                    del self._jobs[job_id]

    async def stop(self) -> None:
        """Gives up what is running and waits for its threads."""
        await self._schedules.stop()
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None
        await asyncio.to_thread(self._wait)

    def _wait(self) -> None:
        with self._lock:
            self._lock.wait_for(lambda: not any(job.running for job in self._jobs.values()))

    def _begin(self) -> None:
        """Begins each job that has a place; the lock is held."""
        for job in sorted(self._jobs.values(), key=lambda job: (job.submission.priority, job.submission.number)):
            if self._bridge is not None and job.waits and self._has_place(job.submission):
                job.running = True
                threading.Thread(target=self._run, args=(job, self._bridge), daemon=True).start()

    def _has_place(self, wanted: Submission) -> bool:
        running = [job.submission for job in self._jobs.values() if job.running]
        in_queue = [other for other in running if other.queue == wanted.queue]
        places = self._places.get(wanted.queue, self._concurrency)
        return len(in_queue) < places and wanted.partition not in {other.partition for other in in_queue}

    def _run(self, job: _Job, bridge: LoopBridge) -> None:
        try:
            self._job(job.submission.job_id, _InMemorySteps(bridge, job))
            job.ended = True
        except Stopped:
            pass
        except Exception:  # noqa: BLE001  # as in the job store, where it has failed
            job.ended = True
        finally:
            with self._lock:
                job.running = False
                self._begin()
                self._lock.notify_all()

    def _steps(self) -> _InMemorySteps:
        if self._bridge is None:
            raise Stopped
        return _InMemorySteps(self._bridge, _Job())


@dataclass(slots=True)
class _Job:
    submission: Submission = field(default_factory=lambda: Submission(job_id="", queue="", partition=""))
    results: dict[str, StepResult] = field(default_factory=dict)
    running: bool = False
    halted: bool = False
    ended: bool = False

    @property
    def waits(self) -> bool:
        return not (self.running or self.halted or self.ended)


class _InMemorySteps:
    def __init__(self, bridge: LoopBridge, job: _Job) -> None:
        self._bridge = bridge
        self._job = job

    def still_ours(self) -> None:
        if self._job.halted:
            raise Stopped

    def run(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        self.still_ours()
        if name not in self._job.results:
            self._job.results[name] = self._bridge.call(step)
        return self._job.results[name]
