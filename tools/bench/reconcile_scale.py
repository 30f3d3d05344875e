"""Many ids reconciled with as many records: all of them new, with the index read or kept, and one in a hundred changed.

As a program: `reconcile_scale.py ROWS`, for sizes that `make bench` has no time for; prints the same table.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
from files_to_files import SETTINGS, let_settle, share
from gateway_process import gateway
from measurement import Measurement, show

_LIMIT_SECONDS = 7200.0
_STEP = 1_000_000
_MEMBERS = "members.csv"


def measure(root: Path, rows: int) -> list[Measurement]:
    """Shares the audience, again to where nobody is yet, then with changes, beside the bare script on the same files.

    The script reads the crosswalk each time, as it keeps nothing. The gateway reads it for the first share.
    """
    _make_files(root, rows)
    crosswalk, aside = root / "customers" / "crosswalk.csv.gz", root / "crosswalk.csv.gz"
    crosswalk.rename(aside)
    _write(crosswalk, ["email", "customer"], iter([_records(0, 1)]))
    let_settle(aside)
    settings = SETTINGS.format(root=root).replace("crosswalk.csv", "crosswalk.csv.gz")
    found = []
    with gateway(root, settings) as running:
        # So that start-up, which comes once in a gateway's life, is not measured.
        share(running.address, "first.csv.gz", 1, destination="first.csv")
        aside.replace(crosswalk)
        for audience, destination, what in (
            ("audience.csv.gz", _MEMBERS, "all new, index read"),
            ("audience.csv.gz", f"again-{_MEMBERS}", "all new, index kept"),
            ("changed.csv.gz", _MEMBERS, "1 % changed, index kept"),
        ):
            shared = share(running.address, audience, rows, destination=destination, limit_seconds=_LIMIT_SECONDS)
            peak = running.peak_rss_mib()
            if destination != _MEMBERS:
                _forget_membership(root)
            by_script, peak_of_script = _bare(root, audience)
            found.append(
                Measurement(
                    name=f"{rows:,} ids reconciled with {rows:,} records, {what} "
                    f"(baseline: bare DuckDB script, which takes {peak_of_script:,.0f} MiB)",
                    value=rows / shared.seconds,
                    unit="rows/s",
                    baseline=rows / by_script,
                    ratio=by_script / shared.seconds,
                    peak_rss_mib=peak,
                )
            )
    return found


def _forget_membership(root: Path) -> None:
    """Lets the script meet a destination that nobody is in."""
    for kept in root.glob("bare-membership-of-*.parquet"):
        kept.unlink()


def _bare(root: Path, audience: str) -> tuple[float, float]:
    command = [sys.executable, Path(__file__).with_name("bare_duckdb_reconcile.py"), root, audience]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LIMIT_SECONDS)  # noqa: S603  # a script of this checkout
    seconds, peak = run.stdout.split()
    return float(seconds), float(peak)


def _make_files(root: Path, rows: int) -> None:
    """Audiences of e-mails, 2 % of them malformed, 3 % twice, 10 % not in the crosswalk of as many customers."""
    for folder in ("lists", "customers"):
        (root / folder).mkdir(parents=True)
    known = (_records(first, many) for first, many in _steps(rows, rows // 10))
    _write(root / "customers" / "crosswalk.csv.gz", ["email", "customer"], known)
    new = ([_emails(_listed(first, many, rows, 0))] for first, many in _steps(rows))
    _write(root / "lists" / "audience.csv.gz", ["email"], new)
    changed = ([_emails(_listed(first, many, rows, 1))] for first, many in _steps(rows))
    _write(root / "lists" / "changed.csv.gz", ["email"], changed)
    _write(root / "lists" / "first.csv.gz", ["email"], iter([[pa.array(["person.000000000@example.org"])]]))


def _steps(rows: int, first: int = 0) -> Iterator[tuple[int, int]]:
    for begin in range(0, rows, _STEP):
        yield first + begin, min(_STEP, rows - begin)


def _records(first: int, many: int) -> list[pa.StringArray]:
    number = pa.arange(first, first + many)
    customer = pc.binary_join_element_wise(pa.scalar("customer-"), _digits(number), "")
    return [_emails(number), customer]


def _listed(first: int, many: int, rows: int, changed: int) -> pa.Int64Array:
    """Numbers of the persons in the rows of an audience; of a changed one, one in a hundred is somebody else."""
    number = pa.arange(first, first + many)
    hundreds = pc.divide(number, 100)
    kind = pc.subtract(number, pc.multiply(hundreds, 100))
    number = pc.if_else(pc.greater_equal(kind, 97), pc.subtract(number, 50), number)
    number = pc.if_else(pc.is_in(kind, pa.array([50, 51])), pa.scalar(None, pa.int64()), number)
    return pc.if_else(pc.less(kind, changed), pc.add(hundreds, rows), number)


def _emails(number: pa.Int64Array) -> pa.StringArray:
    email = pc.binary_join_element_wise(pa.scalar("person."), _digits(number), pa.scalar("@example.org"), "")
    return pc.fill_null(email, "not an e-mail")


def _digits(number: pa.Int64Array) -> pa.StringArray:
    return pc.utf8_lpad(pc.cast(number, pa.string()), 9, "0")


def _write(path: Path, names: list[str], columns: Iterator[list[pa.StringArray]]) -> None:
    options = pc_csv.WriteOptions(include_header=False, quoting_style="none")
    with gzip.open(path, "wb", 1) as file:
        file.write(",".join(names).encode() + b"\n")
        for arrays in columns:
            sink = io.BytesIO()
            pc_csv.write_csv(pa.table(arrays, names=names), sink, options)
            file.write(sink.getvalue())


def main() -> None:
    """Measures with as many rows as are asked for."""
    with tempfile.TemporaryDirectory(prefix="audience-gateway-bench-") as root:
        show(measure(Path(root) / "reconcile", int(sys.argv[1])))


if __name__ == "__main__":
    main()
