"""How many faults were survived: the table, and the file for machines."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from oracle import Verdict
from rich.console import Console
from rich.table import Table


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
    complaints: list[str] = field(default_factory=list)

    def add(self, fault: str, times: int, verdict: Verdict) -> None:
        """Notes what became of a transfer that met a fault so many times."""
        tally = self.tallies.setdefault(fault, Tally(fault))
        tally.tried += times
        tally.survived += times if verdict.survived else 0
        tally.lost += verdict.lost
        tally.doubled += verdict.doubled
        tally.false_success += len(verdict.untrue)
        self.complaints += [f"{fault}: {untrue}" for untrue in verdict.untrue]
        if verdict.unended:
            self.complaints.append(f"{fault}: a transfer did not end")
        if verdict.doubled:
            self.complaints.append(f"{fault}: {verdict.doubled} members were doubled")

    @property
    def all_survived(self) -> bool:
        """Whether every fault was survived, and there was one of each kind at least."""
        return all(tally.tried and tally.survived == tally.tried for tally in self.tallies.values())

    def show(self) -> None:
        """Prints the table, and what was wrong."""
        table = Table("fault", "survived", "lost", "doubled", "false success", title="Faults")
        for one in self.tallies.values():
            survived = f"{one.survived} of {one.tried}"
            table.add_row(one.fault, survived, str(one.lost), str(one.doubled), str(one.false_success))
        console = Console(width=120)
        console.print(table)
        tried = sum(one.tried for one in self.tallies.values())
        console.print(f"survived {sum(one.survived for one in self.tallies.values())} of {tried}", highlight=False)
        for complaint in self.complaints:
            console.print(complaint, highlight=False, style="red")

    def keep(self, path: Path) -> None:
        """Writes them as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [vars(one) for one in self.tallies.values()]
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
