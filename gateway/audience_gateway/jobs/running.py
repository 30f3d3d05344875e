"""What runs in this process."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator


class Running:
    """The jobs that this process runs, one after the other in each partition.

    The job store frees the partition of a job as soon as the job is halted or handed on. Its step under way still
    runs here: whoever comes next waits for it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: Counter[str] = Counter()
        self._busy: set[tuple[str, str]] = set()

    def __contains__(self, job_id: str) -> bool:
        with self._changed:
            return job_id in self._jobs

    @contextlib.contextmanager
    def job(self, job_id: str, partition: tuple[str, str]) -> Iterator[None]:
        """Runs a job when its partition is free; the caller's thread waits for that."""
        with self._changed:
            self._jobs[job_id] += 1
            self._changed.wait_for(lambda: partition not in self._busy)
            self._busy.add(partition)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(partition)
                self._jobs -= Counter([job_id])
                self._changed.notify_all()

    def wait_for_none(self, seconds: float) -> bool:
        """Waits until nothing runs any more; False if something still does after that time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs, seconds)
