"""One measured figure, and how the figures of a run are shown and kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

_MANY = 1000


@dataclass(frozen=True, slots=True)
class Measurement:
    """A figure beside what was measured for comparison in the same run.

    Attributes:
        name: what was measured.
        value: the figure, in `unit`.
        unit: e.g. `rows/s`.
        baseline: the figure of the comparison, in the same unit.
        ratio: value by baseline.
        peak_rss_mib: most memory that the measured process had, in MiB.
    """

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float
    peak_rss_mib: float


def show(measurements: Sequence[Measurement]) -> None:
    """Prints a table."""
    table = Table("measurement", "value", "unit", "baseline", "ratio", "peak RSS, MiB", title="Benchmarks")
    for one in measurements:
        table.add_row(
            one.name,
            f"{one.value:,.{_digits(one)}f}",
            one.unit,
            f"{one.baseline:,.{_digits(one)}f}",
            f"{one.ratio:.2f}",
            f"{one.peak_rss_mib:,.0f}",
        )
    Console(width=120).print(table)


def _digits(one: Measurement) -> int:
    return 0 if one.value >= _MANY else 2


def keep(measurements: Sequence[Measurement], path: Path) -> None:
    """Writes the figures as JSON; figures of other names that are there already stay."""
    kept = {entry["name"]: entry for entry in (json.loads(path.read_text()) if path.exists() else [])}
    kept |= {one.name: asdict(one) for one in measurements}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")
