"""Members written as Audience Manager's inbound files and read back as its outbound files, next to bare DuckDB.

As a program: `audience_manager_files.py (write | read) DIRECTORY ROWS`, in a process of its own, so that its peak
memory is that of writing or reading; prints the seconds that it took, and the peak in MiB.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from audience_gateway.memory import keep_level
from audience_gateway.sdk import DataSource, ReadRequest, TargetBatch
from audience_gateway.sdk.audience_manager.control_files import ListedFile, control_file
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_lines import RealiseTrait
from audience_gateway.sdk.audience_manager.inbound_names import InboundName
from audience_gateway.sdk.audience_manager.inbound_writing import Statement, write_stream
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate, OutboundName
from audience_gateway.sdk.audience_manager.outbound_reading import read_members
from audience_gateway.storage import open_bucket
from made_ids import make_ids
from measurement import Measurement
from peak_memory import peak_rss_mib

_HERE = Path(__file__).parent
_LIMIT_SECONDS = 300.0
_BATCH_ROWS = 100_000
_PART_BYTES = 100_000_000
_TRAIT = 24
_ROOT = OutboundName(sync_type="S3", destination_id=4711, data_source_id=478, timestamp=1_767_225_600_000)
_SOURCE = DataSource(name="crm", id_type="declared_id", aam_data_source_id=478, aam_destination_id=4711)


def measure(root: Path, rows: int) -> list[Measurement]:
    """Writes members, makes outbound files of what was written, and reads these."""
    (root / "bare").mkdir(parents=True)
    written, peak_writing = _run("audience_manager_files.py", "write", root, rows)
    _deliver(root / "inbound", root / "outbound")
    read, peak_reading = _run("audience_manager_files.py", "read", root, rows)
    bare_written, _ = _run("bare_duckdb_files.py", "write", root, rows)
    bare_read, _ = _run("bare_duckdb_files.py", "read", root, rows)
    return [
        _measurement(f"inbound files, {rows:,} lines written", rows, written, bare_written, peak_writing),
        _measurement(f"outbound files, {rows:,} lines verified and read", rows, read, bare_read, peak_reading),
    ]


def _measurement(name: str, rows: int, seconds: float, bare: float, peak: float) -> Measurement:
    return Measurement(
        name=f"{name} (baseline: bare DuckDB script)",
        value=rows / seconds,
        unit="lines/s",
        baseline=rows / bare,
        ratio=bare / seconds,
        peak_rss_mib=peak,
    )


def _run(script: str, task: str, root: Path, rows: int) -> tuple[float, float]:
    command = [sys.executable, _HERE / script, task, root, str(rows)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LIMIT_SECONDS)  # noqa: S603  # a script of this checkout
    seconds, peak = run.stdout.split()
    return float(seconds), float(peak)


def _deliver(inbound: Path, outbound: Path) -> None:
    """What Audience Manager would do: a full batch, with a control file, of the users that the inbound files name."""
    outbound.mkdir()
    names = NameTemplate()
    listed = []
    for split, part in enumerate(_in_order(inbound)):
        name = names.write(replace(_ROOT, split=split))
        with gzip.open(part, "rb") as lines, gzip.open(outbound / name, "wb", 1) as file:
            count = 0
            while block := lines.readlines(4 << 20):
                file.write(b"".join(block).replace(b"\td_sid=24\n", b"\t24,26,27\n"))
                count += len(block)
        content = (outbound / name).read_bytes()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        listed.append(ListedFile(name=name, size=len(content), lines=count, md5=md5))
    root = names.write(_ROOT).removesuffix(".sync.gz")
    (outbound / f"{root}.info").write_bytes(control_file(root, listed))


def _in_order(inbound: Path) -> Iterator[Path]:
    names = {InboundName.parse(path.name): path for path in inbound.iterdir()}
    yield from (path for name, path in sorted(names.items(), key=lambda item: item[0].timestamp if item[0] else 0))


async def _write(root: Path, rows: int) -> int:
    async def batches() -> AsyncIterator[TargetBatch]:
        for first in range(0, rows, _BATCH_ROWS):
            yield TargetBatch.of(make_ids(min(_BATCH_ROWS, rows - first), first=first))

    folder = InboundFolder(bucket=open_bucket((root / "inbound").as_uri()), part_bytes=_PART_BYTES)
    statement = Statement(source=_SOURCE, item=RealiseTrait(_TRAIT), key="bench/add-00000")
    return (await write_stream(folder, statement, batches(), datetime.now(UTC))).accepted


async def _read(root: Path) -> int:
    folder = OutboundFolder(bucket=open_bucket((root / "outbound").as_uri()))
    request = ReadRequest(audience="24", source=_SOURCE)
    read = 0
    async for page in read_members(folder, _TRAIT, request, datetime.now(UTC)):
        read += page.members.columns.column("defect").null_count
    return read


def main() -> None:
    """Writes or reads once."""
    task, root, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    keep_level()
    began = time.perf_counter()
    done = asyncio.run(_write(root, rows) if task == "write" else _read(root))
    seconds = time.perf_counter() - began
    if done != rows:
        raise SystemExit(f"of {rows} lines {done} were accounted for")
    print(seconds, peak_rss_mib())


if __name__ == "__main__":
    main()
