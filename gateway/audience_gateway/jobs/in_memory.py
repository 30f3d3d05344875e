"""Jobs of one process, gone with it: for unit tests and for trying things out."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable

from audience_gateway.jobs.bridge import LoopBridge
from audience_gateway.jobs.engine import Job, StepResult, Stopped


class InMemoryEngine:
    """Runs jobs in threads and keeps the results of steps in a dictionary."""

    def __init__(self, job: Job, *, concurrency: int = 4) -> None:
        self._job = job
        self._threads = concurrent.futures.ThreadPoolExecutor(concurrency)
        self._partitions: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._results: defaultdict[str, dict[str, StepResult]] = defaultdict(dict)
        self._submitted: dict[str, concurrent.futures.Future[None]] = {}
        self._bridge: LoopBridge | None = None

    async def launch(self) -> None:
        """Starts; there is nothing to go on with."""
        self._bridge = LoopBridge(asyncio.get_running_loop())

    async def submit(self, job_id: str, *, partition: str) -> None:
        """Runs the job in a thread, unless it was submitted before."""
        bridge = self._bridge
        if bridge is None:
            raise RuntimeError("the engine is not launched")
        if job_id not in self._submitted:
            self._submitted[job_id] = self._threads.submit(self._run, job_id, self._partitions[partition], bridge)

    async def stop(self) -> None:
        """Gives up what is running and waits for its threads."""
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None
        await asyncio.to_thread(self._threads.shutdown)

    def _run(self, job_id: str, partition: threading.Lock, bridge: LoopBridge) -> None:
        with partition:
            try:
                self._job(job_id, _InMemorySteps(bridge, self._results[job_id]))
            except Stopped:
                return


class _InMemorySteps:
    def __init__(self, bridge: LoopBridge, results: dict[str, StepResult]) -> None:
        self._bridge = bridge
        self._results = results

    def run(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        if name not in self._results:
            self._results[name] = self._bridge.call(step)
        return self._results[name]
