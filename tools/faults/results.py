"""How many faults were survived: the table, and the file for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from oracle import Verdict
from rich.console import Console
from rich.table import Table

_COUNTS = ("survived", "tried", "lost", "doubled", "false_success")


@dataclass
class Tally:
    """All faults of one kind.

    Attributes:
        fault: the kind.
        tried: how many there were.
        survived: how many left everything right.
        lost: members lost.
        doubled: members doubled.
        false_success: where ledger or receipt said what was not so.
    """

    fault: str
    tried: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    false_success: int = 0


@dataclass
class Results:
    """The faults of a run, in the order of their coming."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def expect(self, fault: str) -> Tally:
        """The tally of a fault; one that is expected and never comes makes the run fail."""
        return self.tallies.setdefault(fault, Tally(fault))

    def add(self, fault: str, times: int, verdict: Verdict) -> None:
        """Notes what became of a transfer that met a fault so many times, and prints what was wrong."""
        tally = self.expect(fault)
        tally.tried += times
        tally.survived += times if verdict.survived else 0
        tally.lost += verdict.lost
        tally.doubled += verdict.doubled
        tally.false_success += len(verdict.untrue)
        for complaint in verdict.complaints:
            print(f"{fault}: {complaint}", flush=True)

    @property
    def all_survived(self) -> bool:
        """Whether every fault was survived, and there was one of each kind at least."""
        return all(tally.tried and tally.survived == tally.tried for tally in self.tallies.values())

    def show(self) -> None:
        """Prints the table."""
        table = Table("fault", "survived", "lost", "doubled", "false success", title="Faults")
        for one in self.tallies.values():
            survived = f"{one.survived} of {one.tried}"
            table.add_row(one.fault, survived, str(one.lost), str(one.doubled), str(one.false_success))
        table.add_section()
        survived, tried, *wrong = _sums(self.tallies.values())
        table.add_row("all", f"{survived} of {tried}", *wrong)
        Console(width=120).print(table)

    def keep(self, path: Path) -> None:
        """Writes them as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [vars(one) for one in self.tallies.values()]
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def kept(cls, path: Path) -> Results:
        """What `keep` wrote."""
        return cls({one["fault"]: Tally(**one) for one in json.loads(path.read_text(encoding="utf-8"))})

    def __or__(self, other: Results) -> Results:
        return Results(self.tallies | other.tallies)


def _sums(tallies: Iterable[Tally]) -> list[str]:
    every = list(tallies)
    return [str(sum(getattr(one, name) for one in every)) for name in _COUNTS]
