"""Rows from files, reconciled with a crosswalk, compared and written to files, by a gateway that serves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import grpc
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
from audience_gateway.v1 import (
    audience_service_pb2,
    audience_service_pb2_grpc,
    transfer_pb2,
    transfer_service_pb2,
    transfer_service_pb2_grpc,
)
from gateway_process import gateway
from measurement import Measurement

_LIMIT_SECONDS = 300.0
_SETTLED_SECONDS = 60.0

CUSTOMERS = """
[connections.customers]
connector = "files"
[connections.customers.settings]
bucket = "file://{root}/customers"
id_column = "customer"
[connections.customers.settings.index]
file = "crosswalk.csv"
id_column = "email"
target_column = "customer"
[data_sources.email]
id_type = "declared_id"
reconciliation_key = "email"
recipe = "email"
"""
"""The connection that is shared with, and how ids are reconciled there."""

SETTINGS = (
    """
[server]
address = "127.0.0.1:0"
[storage]
state = "{root}/state"
[connections.lists]
connector = "files"
[connections.lists.settings]
bucket = "file://{root}/lists"
id_column = "email"
"""
    + CUSTOMERS
)


def make_files(root: Path, rows: int) -> None:
    """An audience of e-mails, 2 % of them malformed, 3 % twice, 10 % not in the crosswalk of as many customers."""
    for folder in ("lists", "customers"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    number = pa.array(range(rows), pa.int64())
    name = pc.utf8_lpad(pc.cast(number, pa.string()), 9, "0")
    email = pc.binary_join_element_wise(pa.scalar("person."), name, pa.scalar("@example.org"), "")
    kind = pc.subtract(number, pc.multiply(pc.divide(number, 100), 100))
    known = pc.binary_join_element_wise(pa.scalar("customer-"), name, "")
    crosswalk = pa.table({"email": email, "customer": known}).filter(pc.greater_equal(kind, 10))
    twice = pc.if_else(pc.greater_equal(kind, 97), pc.subtract(number, 50), number)
    listed = email.take(twice)
    listed = pc.if_else(pc.is_in(kind, pa.array([50, 51])), pa.scalar("not an e-mail"), listed)
    pc_csv.write_csv(crosswalk, root / "customers" / "crosswalk.csv")
    pc_csv.write_csv(pa.table({"email": listed}), root / "lists" / "audience.csv")
    pc_csv.write_csv(pa.table({"email": listed[:1]}), root / "lists" / "first.csv")


def let_settle(path: Path) -> None:
    """Dates a file back: what has just been written may change within the same tick of the clock, and is read again."""
    written = time.time() - _SETTLED_SECONDS
    os.utime(path, (written, written))


def measure(root: Path, rows: int) -> Measurement:
    """Shares the audience once, and compares with the bare script on the same files."""
    make_files(root, rows)
    seconds, peak = _by_gateway(root, rows)
    by_script = bare(root, "lists/audience.csv")
    return Measurement(
        name=f"files to files, {rows:,} rows, reconciled and compared (baseline: bare DuckDB script)",
        value=rows / seconds,
        unit="rows/s",
        baseline=rows / by_script,
        ratio=by_script / seconds,
        peak_rss_mib=peak,
    )


def _by_gateway(root: Path, rows: int) -> tuple[float, float]:
    with gateway(root, SETTINGS.format(root=root)) as running:
        share(
            running.address, "first.csv", 1
        )  # so that start-up, which comes once in a gateway's life, is not measured
        return share(running.address, "audience.csv", rows).seconds, running.peak_rss_mib()


@dataclass(frozen=True, slots=True)
class Shared:
    """A transfer that has ended.

    Attributes:
        transfer: its name.
        seconds: how long it took.
        delivering: of these, how long the stage deliver took until its last write; 0 if there was none.
    """

    transfer: str
    seconds: float
    delivering: float


def share(
    address: str,
    audience: str,
    rows: int,
    *,
    destination: str = "",
    limit_seconds: float = _LIMIT_SECONDS,
    connection: str = "lists",
    mode: transfer_pb2.TransferMode = transfer_pb2.TRANSFER_MODE_UNSPECIFIED,
) -> Shared:
    """Shares an audience with the other directory."""
    destination = destination or f"members-of-{audience}"
    with grpc.insecure_channel(address) as channel:
        audiences = audience_service_pb2_grpc.AudienceServiceStub(channel)
        transfers = transfer_service_pb2_grpc.TransferServiceStub(channel)
        started = time.perf_counter()
        shared = audiences.ShareAudience(
            audience_service_pb2.ShareAudienceRequest(
                source=f"connections/{connection}/audiences/{audience}",
                destination=f"connections/customers/audiences/{destination}",
                data_source="dataSources/email",
                mode=mode,
            )
        )
        request = transfer_service_pb2.WatchTransferRequest(name=shared.transfer.name)
        *_, last = transfers.WatchTransfer(request, timeout=limit_seconds)
        seconds = time.perf_counter() - started
        if last.transfer.state != transfer_pb2.TRANSFER_STATE_SUCCEEDED:
            raise SystemExit(f"the transfer ended otherwise than it should: {last.transfer.failure.message}")
        receipt = transfers.GetReceipt(transfer_service_pb2.GetReceiptRequest(name=shared.transfer.name)).receipt
    if receipt.rows_read != rows or sum(count.rows for count in receipt.outcomes) != rows:
        raise SystemExit(f"of {rows} rows the receipt accounts for {receipt.rows_read}")
    return Shared(shared.transfer.name, seconds, sum(map(_delivering, last.transfer.progress)))


def _delivering(progress: transfer_pb2.StageProgress) -> float:
    timed = progress.stage == transfer_pb2.STAGE_DELIVER and progress.rows_per_second
    return progress.rows_done / progress.rows_per_second if timed else 0.0


def bare(root: Path, audience: str) -> float:
    """Seconds that the bare script takes for an audience, by the path of its files."""
    script = Path(__file__).with_name("bare_duckdb.py")
    command = [sys.executable, script, root, audience]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LIMIT_SECONDS)  # noqa: S603  # a script of this checkout
    return float(run.stdout)
