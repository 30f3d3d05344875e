"""What a sandbox remembers in its directory from one start to the next."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

_FILE = "sandbox.json"


class StateError(ValueError):
    """A directory that cannot be used as it is; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """How a sandbox was seeded, and how far its time has come.

    Attributes:
        recipients: how many recipients were seeded.
        seed: what they were drawn from.
        began: when, on the sandbox's clock; the drop of day 0 was due then.
        clock_offset: how far the clock is ahead of real time.
        days_dropped: how many days of drops are done with.
    """

    recipients: int
    seed: int
    began: datetime
    clock_offset: timedelta = timedelta()
    days_dropped: int = 0

    def gone_on(self, *, clock_offset: timedelta, days_dropped: int) -> State:
        """Make the state of a later time."""
        return replace(self, clock_offset=clock_offset, days_dropped=days_dropped)


def load(directory: Path) -> State | None:
    """Read the state; None if nothing was seeded here yet. Raises StateError if it cannot be read."""
    file = directory / _FILE
    try:
        values = json.loads(file.read_text())
        return State(
            recipients=int(values["recipients"]),
            seed=int(values["seed"]),
            began=datetime.fromisoformat(values["began"]),
            clock_offset=timedelta(seconds=values["clock_offset_seconds"]),
            days_dropped=int(values["days_dropped"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        raise StateError(f"{file} is not the state of a sandbox. Remove {directory}, or name another.") from None


def check(directory: Path, state: State, *, recipients: int, seed: int) -> None:
    """Raise StateError if other data than asked for were seeded here."""
    if (state.recipients, state.seed) != (recipients, seed):
        raise StateError(
            f"{directory} holds {state.recipients} recipients of seed {state.seed}, not {recipients} of seed {seed}. "
            f"Ask for --recipients {state.recipients} --seed {state.seed}, or name another directory."
        )


def save(directory: Path, state: State) -> None:
    """Write the state."""
    values = {
        "recipients": state.recipients,
        "seed": state.seed,
        "began": state.began.isoformat(),
        "clock_offset_seconds": state.clock_offset.total_seconds(),
        "days_dropped": state.days_dropped,
    }
    write_whole(directory / _FILE, json.dumps(values, indent=2))


def write_whole(file: Path, text: str) -> None:
    """Write a file that appears under its name only when it is complete."""
    unfinished = file.with_name(f".{file.name}.part")
    unfinished.write_text(text)
    unfinished.replace(file)
