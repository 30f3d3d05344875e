"""For how long this process may work on its jobs without having told the database that it is alive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from audience_gateway.jobs.engine import Stopped


class Lease:
    """Is held for some seconds from each beat. The check costs nothing but a look at the clock.

    A process that was stopped for longer than its lease and woken may find that it beats again before its jobs look.
    Other processes have taken these over all the same, so each lapse begins a new tenure, and a job goes on only
    in the tenure that it began in.

    Args:
        seconds: how long it is held.
        clock: seconds that never go back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._until = float("-inf")
        self._tenure = 0

    def now(self) -> float:
        """The time that `renew` is to be given: to be asked for before the beat."""
        return self._clock()

    def renew(self, beaten: float) -> None:
        """Holds it from a beat that was begun at this time."""
        with self._lock:
            if self._clock() >= self._until:
                self._tenure += 1
            self._until = beaten + self.seconds

    def held(self, tenure: int | None = None) -> bool:
        """Whether it is held, and has been without a break since this tenure."""
        with self._lock:
            return self._clock() < self._until and tenure in (None, self._tenure)

    def hold(self) -> Hold:
        """What a job checks that begins now."""
        with self._lock:
            return Hold(self, self._tenure)


@dataclass(frozen=True, slots=True)
class Hold:
    """One job's share in a lease.

    Attributes:
        lease: the lease.
        tenure: when the job began.
    """

    lease: Lease
    tenure: int

    def require(self) -> None:
        """Raises Stopped if the lease is not held, or has lapsed since the job began."""
        if not self.lease.held(self.tenure):
            raise Stopped
