"""How fast one connection may be called: pure arithmetic over a clock that is given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

GOOD_CALLS = 10
"""After so many calls without a complaint one more may run at a time."""
_FIRST_PAUSE = 0.5
_LONGEST_UNASKED_PAUSE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one connection.

    Attributes:
        concurrency: calls at a time; fewer for a while when the system asks to slow down.
        calls_per_second: calls begin at this pace; 0: as fast as they come.
        longest_pause: seconds that no pause exceeds, also if the system asks for more.
    """

    concurrency: int = 4
    calls_per_second: float = 0.0
    longest_pause: float = 600.0


class Verdict(Enum):
    """What became of a call."""

    GOOD = auto()
    LIMITED = auto()
    OTHER = auto()


class Throttle:
    """How many calls run, how many may, and from when on. Times are seconds of one clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._allowed = limits.concurrency
        self._running = 0
        self._next_call = self._paused_until = float("-inf")
        self._good = 0
        self._complaints = 0
        self._slowings = 0

    @property
    def running(self) -> int:
        """Calls under way."""
        return self._running

    @property
    def allowed(self) -> int:
        """Calls that may be under way at a time now."""
        return self._allowed

    def paused_seconds(self, now: float) -> float:
        """How long no call may begin because the system asked to slow down."""
        return max(0.0, self._paused_until - now)

    def wait(self, now: float) -> float | None:
        """Seconds until a call may begin, 0 for at once; None: not before another one ends."""
        if self._running >= self._allowed:
            return None
        return max(0.0, max(self._next_call, self._paused_until) - now)

    def begin(self, now: float) -> int:
        """A call begins. Answers what `end` is to be given back."""
        self._running += 1
        if self._limits.calls_per_second:
            self._next_call = max(now, self._next_call) + 1 / self._limits.calls_per_second
        return self._slowings

    def end(self, begun: int, verdict: Verdict, now: float, *, retry_after: float | None = None) -> None:
        """A call ends: one that was limited slows the connection down, good ones speed it up again.

        Of calls that ran side by side only the first that was limited counts: their complaints are one.
        """
        self._running -= 1
        since_slowed_down = begun == self._slowings
        if verdict is Verdict.GOOD and since_slowed_down:
            self._speed_up()
        elif verdict is Verdict.LIMITED:
            if since_slowed_down:
                self._slow_down()
            self._pause(now, retry_after)

    def _speed_up(self) -> None:
        self._complaints = 0
        self._good += 1
        if self._good >= GOOD_CALLS and self._allowed < self._limits.concurrency:
            self._allowed += 1
            self._good = 0

    def _slow_down(self) -> None:
        self._slowings += 1
        self._complaints += 1
        self._good = 0
        self._allowed = max(1, self._allowed // 2)

    def _pause(self, now: float, retry_after: float | None) -> None:
        if retry_after is None:
            retry_after = min(_FIRST_PAUSE * 2.0 ** (max(1, self._complaints) - 1), _LONGEST_UNASKED_PAUSE)
        self._paused_until = max(self._paused_until, now + min(retry_after, self._limits.longest_pause))
