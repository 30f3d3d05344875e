"""Members that come in by WriteMembers, next to a bare grpc.aio server that keeps nothing of the same messages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2, transfer_service_pb2_grpc
from gateway_process import gateway
from measurement import Measurement

_ATTEMPTS = 3
_LIMIT_SECONDS = 120.0
_HERE = Path(__file__).parent
_SETTINGS = """
[server]
address = "127.0.0.1:0"
[storage]
state = "{root}/state"
[connections.lists]
connector = "files"
[connections.lists.settings]
bucket = "file://{root}/streamed"
[data_sources.visitor]
id_type = "visitor_id"
"""


def measure(root: Path, rows: int) -> Measurement:
    """Writes the same members to both, in turns, and takes the best of each."""
    (root / "streamed").mkdir(parents=True)
    taken: list[float] = []
    bare: list[float] = []
    with _bare_sink() as sink, gateway(root, _SETTINGS.format(root=root)) as running:
        for _ in range(_ATTEMPTS):
            bare.append(_write(sink, rows)[0])
            seconds, transfer = _write(running.address, rows)
            taken.append(seconds)
            _give_up(running.address, transfer)  # so that it does not use the cores of the next attempt
        peak = running.peak_rss_mib()
    return Measurement(
        name=f"WriteMembers, {rows:,} rows packed, client included (baseline: bare grpc.aio sink)",
        value=rows / min(taken),
        unit="rows/s",
        baseline=rows / min(bare),
        ratio=min(bare) / min(taken),
        peak_rss_mib=peak,
    )


@contextmanager
def _bare_sink() -> Iterator[str]:
    with subprocess.Popen([sys.executable, _HERE / "bare_sink.py"], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # a script of this checkout
        try:
            assert process.stdout  # noqa: S101  # it was asked for
            yield f"127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def _write(address: str, rows: int) -> tuple[float, str]:
    command = [sys.executable, _HERE / "stream_client.py", address, str(rows)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LIMIT_SECONDS)  # noqa: S603  # a script of this checkout
    seconds, _, transfer = run.stdout.strip().partition(" ")
    return float(seconds), transfer


def _give_up(address: str, transfer: str) -> None:
    with grpc.insecure_channel(address) as channel:
        transfers = transfer_service_pb2_grpc.TransferServiceStub(channel)
        transfers.CancelTransfer(transfer_service_pb2.CancelTransferRequest(name=transfer))
        watched = transfers.WatchTransfer(transfer_service_pb2.WatchTransferRequest(name=transfer))
        *_, last = (answer.transfer for answer in watched)
    if last.state != transfer_pb2.TRANSFER_STATE_CANCELLED:
        raise SystemExit(f"the transfer ended otherwise than it should: {last.failure.message}")
