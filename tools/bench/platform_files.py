"""Three parts of an export of Experience Platform, read, reconciled with a crosswalk and written to a file.

As a program: `platform_files.py read DIRECTORY ROWS`, in a process of its own, so that its peak memory is that of
reading; prints the seconds that it took, and the peak in MiB.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
from audience_gateway.sdk import DataSource, ReadRequest
from audience_gateway.storage import open_bucket
from audience_gateway_rtcdp.files.file_settings import FileSettings
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.reading import read_members
from files_to_files import CUSTOMERS, bare, let_settle, share
from gateway_process import gateway
from measurement import Measurement
from peak_memory import peak_rss_mib

_LIMIT_SECONDS = 600.0
_PARTS = 3
_STEP = 1_000_000
_ALONE = "alone"
_SETTINGS = (
    """
[server]
address = "127.0.0.1:0"
[storage]
state = "{root}/state"
[credentials.ims]
provider = "ims"
[credentials.ims.settings]
url = "{ims[url]}"
org_id = "{ims[org_id]}"
client_id = "{ims[client_id]}"
client_secrets = ["file:{root}/secret"]
[connections.lists]
connector = "rtcdp"
[connections.lists.settings]
url = "{platform[url]}"
credentials = "ims"
[connections.lists.settings.files]
bucket = "file://{root}/lists"
settle_seconds = 0
[connections.lists.settings.files.id_columns]
email = "email"
"""
    + CUSTOMERS
)


def measure(root: Path, rows: int) -> list[Measurement]:
    """Reads an export alone, then shares it once by a gateway, beside the bare script on the same files."""
    for folder in ("lists", "customers", _ALONE):
        (root / folder).mkdir(parents=True)
    with _sandbox(root) as ready:
        audience = _audience(ready["platform"]["url"])
        _make_crosswalk(root / "customers" / "crosswalk.csv", rows)
        let_settle(root / "customers" / "crosswalk.csv")
        (root / "secret").write_text(ready["ims"]["client_secret"], encoding="utf-8")
        with gateway(root, _SETTINGS.format(root=root, **ready)) as running:
            _drop(root / "lists", audience, hour=0, rows=1)
            # Start-up and reading the index, which comes once for all audiences, are not measured.
            share(running.address, audience, 1, destination="members.csv")
            _drop(root / "lists", audience, hour=1, rows=rows)
            seconds = share(running.address, audience, rows, destination="members.csv").seconds
            peak = running.peak_rss_mib()
    for part in (root / "lists").glob("*_20260101010000*"):
        part.rename(root / _ALONE / part.name)
    unreconciled, peak_reading = _read_alone(root, audience, rows)
    by_script = bare(root, f"{_ALONE}/*.csv.gz")
    what = f"Platform's files, {rows:,} rows read"
    return [
        _measurement(what, rows, unreconciled, by_script, peak_reading),
        _measurement(f"{what}, reconciled by the kept index, delivered", rows, seconds, by_script, peak),
    ]


def _measurement(name: str, rows: int, seconds: float, by_script: float, peak: float) -> Measurement:
    return Measurement(
        name=f"{name} (baseline: bare DuckDB script that does it all)",
        value=rows / seconds,
        unit="rows/s",
        baseline=rows / by_script,
        ratio=by_script / seconds,
        peak_rss_mib=peak,
    )


@contextmanager
def _sandbox(root: Path) -> Iterator[dict[str, Any]]:
    """The platform that knows the audience; its files come from here."""
    ready = root / "sandbox.json"
    command = [Path(sys.executable).with_name("audience-gateway"), "sandbox", "--recipients", "100", "--port", "0"]
    with (
        (root / "sandbox.log").open("wb") as log,
        subprocess.Popen([*command, "--ready-file", ready], stdout=log, stderr=log) as process,  # noqa: S603  # our own
    ):
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit(f"the sandbox ended with {process.returncode}; see its log in {root}")
                time.sleep(0.05)
            yield json.loads(ready.read_text(encoding="utf-8"))
        finally:
            process.send_signal(signal.SIGTERM)


def _audience(url: str) -> str:
    with urllib.request.urlopen(f"{url}/sandbox/platform/facts") as answer:  # noqa: S310  # the sandbox's address
        return str(json.load(answer)["audience"]["id"])


def _emails(first: int, rows: int) -> pa.StringArray:
    name = pc.utf8_lpad(pc.cast(pa.arange(first, first + rows), pa.string()), 9, "0")
    return pc.binary_join_element_wise(pa.scalar("person."), name, pa.scalar("@example.org"), "")


def _make_crosswalk(path: Path, rows: int) -> None:
    """As many customers, of whom one in ten is not in the audience."""
    schema = pa.schema([("email", pa.string()), ("customer", pa.string())])
    with pc_csv.CSVWriter(path, schema) as writer:
        for first in range(0, rows, _STEP):
            many = min(_STEP, rows - first)
            emails = _emails(first + rows // 10, many)
            customers = pc.binary_join_element_wise(pa.scalar("customer"), emails.cast(pa.string()), "-")
            writer.write_table(pa.table([emails, customers], schema=schema))


def _drop(folder: Path, audience: str, *, hour: int, rows: int) -> None:
    """Leaves an export as a destination does, 1 % of its rows without a good status, in three parts if it is large."""
    parts = _PARTS if rows >= _PARTS else 1
    for part in range(parts):
        begin, end = rows * part // parts, rows * (part + 1) // parts
        number = f"_{part + 1}" if part else ""
        name = f"Adobe_Campaign_segment{audience}_{datetime(2026, 1, 1, hour, tzinfo=UTC):%Y%m%d%H%M%S}{number}.csv.gz"
        with gzip.open(folder / f".{name}", "wb", 1) as file:
            file.write(b"email,segmentMembership_status,segmentMembership_lastQualificationTime\n")
            for first in range(begin, end, _STEP):
                file.write(_lines(first, min(_STEP, end - first)))
        (folder / f".{name}").rename(folder / name)


def _lines(first: int, rows: int) -> bytes:
    number = pa.arange(first, first + rows)
    last = pc.subtract(number, pc.multiply(pc.divide(number, 100), 100))
    status = pc.if_else(pc.equal(last, 99), pa.scalar("null"), pa.scalar("realized"))
    qualified = pa.repeat(pa.scalar("2026-01-01T00:00:00Z"), rows)
    sink = io.BytesIO()
    options = pc_csv.WriteOptions(include_header=False, quoting_style="none")
    pc_csv.write_csv(pa.table([_emails(first, rows), status, qualified], names=["a", "b", "c"]), sink, options)
    return sink.getvalue()


def _read_alone(root: Path, audience: str, rows: int) -> tuple[float, float]:
    command = [sys.executable, Path(__file__), "read", root / _ALONE, audience, str(rows)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LIMIT_SECONDS)  # noqa: S603  # this script
    seconds, peak = run.stdout.split()
    return float(seconds), float(peak)


async def _read(directory: Path, audience: str) -> int:
    bucket = open_bucket(directory.as_uri())
    settings = FileSettings(bucket=bucket.url, id_columns={"email": "email"})
    request = ReadRequest(audience=audience, source=DataSource(name="email", id_type="declared_id"))
    read = 0
    async for page in read_members(ExportFolder(bucket, settings), request, datetime.now(UTC) + timedelta(days=1)):
        read += len(page.members)
    return read


def main() -> None:
    """Reads once."""
    directory, audience, rows = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    began = time.perf_counter()
    done = asyncio.run(_read(directory, audience))
    seconds = time.perf_counter() - began
    if done != rows:
        raise SystemExit(f"of {rows} rows {done} were accounted for")
    print(seconds, peak_rss_mib())


if __name__ == "__main__":
    main()
