"""A trap: what happens to a gateway's process when a transfer reaches a fail point.

The driver arms one trap at a time in a directory that all processes look into whenever they reach a point.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from audience_gateway import fail_points

_LOOK_SECONDS = 0.005


class Action(StrEnum):
    """What a process does to itself that a trap catches; whatever it does, it leaves a mark."""

    KILL = "kill"
    STOP = "stop"
    GO_ON = "go on"


@dataclass(frozen=True, slots=True)
class Trap:
    """A trap. It catches one process once.

    Attributes:
        point: name of the fail point; empty for any.
        nth: catches at this reach of a process, from 1.
        action: what the process does to itself.
        id: tells it from others.
    """

    point: str
    nth: int
    action: Action
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


class Traps:
    """The directory that traps are armed in."""

    def __init__(self, directory: Path) -> None:
        self._armed = directory / "armed.json"
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def arm(self, trap: Trap) -> None:
        """Arms a trap in place of the one before."""
        part = self._armed.with_suffix(".part")
        part.write_text(json.dumps(asdict(trap)), encoding="utf-8")
        part.replace(self._armed)

    def disarm(self) -> None:
        """Takes the trap away."""
        self._armed.unlink(missing_ok=True)

    def armed(self) -> Trap | None:
        """The trap that is armed."""
        try:
            values = json.loads(self._armed.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Trap(**{**values, "action": Action(values["action"])})

    def caught(self, trap: Trap) -> int | None:
        """The process that a trap caught; None if it has not."""
        try:
            return int(self._mark(trap).read_text(encoding="utf-8") or 0) or None
        except FileNotFoundError:
            return None

    def wait(self, trap: Trap, *, over: Callable[[], bool]) -> int | None:
        """Waits for the process that a trap catches; None if it is over before."""
        while (caught := self.caught(trap)) is None:
            if over():
                return self.caught(trap)
            time.sleep(_LOOK_SECONDS)
        return caught

    def spring(self, trap: Trap) -> bool:
        """Catches this process; False if another one was caught before."""
        try:
            mark = os.open(self._mark(trap), os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return False
        os.write(mark, str(os.getpid()).encode())
        os.close(mark)
        return True

    def _mark(self, trap: Trap) -> Path:
        return self._directory / f"{trap.id}.mark"


class Watcher:
    """Lets the traps of a directory catch this process."""

    def __init__(self, traps: Traps) -> None:
        self._traps = traps
        self._lock = threading.Lock()
        self._reached: dict[str, int] = {}

    def install(self) -> None:
        """From now on."""
        fail_points.install(self.reached)

    def reached(self, point: str) -> None:
        """Is told each point that is reached."""
        with self._lock:
            trap = self._traps.armed()
            if trap is None or trap.point not in {point, ""}:
                return
            self._reached[trap.id] = times = self._reached.get(trap.id, 0) + 1
            caught = times == trap.nth and self._traps.spring(trap)
        if caught and trap.action is Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif caught and trap.action is Action.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
