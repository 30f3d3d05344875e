"""An audience delivered to files of changes: all of it, with one in a hundred changed, and from changes alone.

As a program: `changed_members.py ROWS`, for sizes that `make bench` has no time for; prints the seconds as well.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
from audience_gateway.v1 import transfer_pb2
from files_to_files import SETTINGS, Shared, share
from gateway_process import RunningGateway, gateway
from measurement import Measurement, show

_LIMIT_SECONDS = 7200.0
_SHARE = 200
"""One in so many leaves and as many join: together that is one change for a hundred members."""
_DESTINATION = "members.csv"
_SETTLED_SECONDS = 3600
_CHANGES = """
[connections.customers.settings.changes]
[connections.said]
connector = "files"
[connections.said.settings]
bucket = "file://{root}/said"
id_column = "email"
change_column = "change"
"""


@dataclass(frozen=True, slots=True)
class Times:
    """The three transfers to one destination, and the memory that they took.

    Attributes:
        everybody: the first one.
        changed: the same audience again, of which one in a hundred has changed.
        said: that taken back, by a source that holds the changes and nothing else.
        peak_rss_mib: most memory that the gateway had.
    """

    everybody: Shared
    changed: Shared
    said: Shared
    peak_rss_mib: float


def measure(root: Path, rows: int) -> list[Measurement]:
    """Shares the audience, then one with changes, then changes."""
    return measurements(rows, times(root, rows))


def times(root: Path, rows: int) -> Times:
    """Shares the three."""
    _make_files(root, rows)
    with gateway(root, SETTINGS.format(root=root) + _CHANGES.format(root=root)) as running:
        # So that neither start-up nor the identity index, which is kept, is part of what is compared.
        share(running.address, "first.csv", 1)
        everybody = _share(running, "everybody.csv", rows)
        changed = _share(running, "changed.csv", rows)
        delta = transfer_pb2.TRANSFER_MODE_DELTA
        said = _share(running, "changes.csv", rows // _SHARE * 2, connection="said", mode=delta)
        return Times(everybody, changed, said, running.peak_rss_mib())


def measurements(rows: int, taken: Times) -> list[Measurement]:
    """How many members are made up to date in a second."""

    def compared(name: str, seconds: float, baseline: float) -> Measurement:
        return Measurement(
            name=f"{rows:,} members, {name}",
            value=rows / seconds,
            unit="members/s",
            baseline=rows / baseline,
            ratio=baseline / seconds,
            peak_rss_mib=taken.peak_rss_mib,
        )

    full, changed, said = taken.everybody, taken.changed, taken.said
    return [
        compared("1 % changed: delivery (baseline: of all)", changed.delivering, full.delivering),
        compared("1 % changed: whole transfer (baseline: of all)", changed.seconds, full.seconds),
        compared("1 % changes as source: whole transfer (baseline: of all)", said.seconds, full.seconds),
    ]


def _share(
    running: RunningGateway,
    audience: str,
    rows: int,
    *,
    connection: str = "lists",
    mode: transfer_pb2.TransferMode = transfer_pb2.TRANSFER_MODE_UNSPECIFIED,
) -> Shared:
    return share(
        running.address,
        audience,
        rows,
        destination=_DESTINATION,
        limit_seconds=_LIMIT_SECONDS,
        connection=connection,
        mode=mode,
    )


def _make_files(root: Path, rows: int) -> None:
    """Audiences of e-mails that all are in the crosswalk."""
    for folder in ("lists", "customers", "said"):
        (root / folder).mkdir(parents=True)
    others = rows // _SHARE
    number = pa.arange(0, rows + others)
    email = pc.binary_join_element_wise(pa.scalar("person."), _digits(number), pa.scalar("@example.org"), "")
    customer = pc.binary_join_element_wise(pa.scalar("customer-"), _digits(number), "")
    crosswalk = root / "customers" / "crosswalk.csv"
    pc_csv.write_csv(pa.table({"email": email, "customer": customer}), crosswalk)
    settled = time.time() - _SETTLED_SECONDS  # for one that has just been written is not relied upon
    os.utime(crosswalk, (settled, settled))
    leaving = pc.equal(pc.subtract(number, pc.multiply(pc.divide(number, _SHARE), _SHARE)), 0)
    leaving = pc.and_(leaving, pc.less(number, others * _SHARE))
    joining = pc.greater_equal(number, rows)
    pc_csv.write_csv(pa.table({"email": email[:1]}), root / "lists" / "first.csv")
    pc_csv.write_csv(pa.table({"email": email[:rows]}), root / "lists" / "everybody.csv")
    pc_csv.write_csv(pa.table({"email": email.filter(pc.invert(leaving))[:rows]}), root / "lists" / "changed.csv")
    back = pa.table({"email": email, "change": pc.if_else(joining, "remove", "add")})
    pc_csv.write_csv(
        back.filter(pc.or_(joining, pc.and_(leaving, pc.less(number, rows)))), root / "said" / "changes.csv"
    )


def _digits(number: pa.Int64Array) -> pa.StringArray:
    return pc.utf8_lpad(pc.cast(number, pa.string()), 9, "0")


def main() -> None:
    """Measures with as many members as are asked for."""
    rows = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="audience-gateway-bench-") as root:
        taken = times(Path(root) / "changes", rows)
    show(measurements(rows, taken))
    for name in ("everybody", "changed", "said"):
        one: Shared = getattr(taken, name)
        print(f"{name}: {one.seconds:.2f} s, of these {one.delivering:.3f} s of delivery")


if __name__ == "__main__":
    main()
