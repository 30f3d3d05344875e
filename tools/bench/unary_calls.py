"""How long unary calls take while a large transfer runs, next to how long they take when the gateway has nothing to do.

As a program: `unary_calls.py ADDRESS TRANSFER` makes calls at a low and steady rate until its input ends, and prints
the milliseconds of each.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import grpc
from audience_gateway.v1 import (
    connector_service_pb2,
    connector_service_pb2_grpc,
    transfer_service_pb2,
    transfer_service_pb2_grpc,
)
from files_to_files import SETTINGS, make_files, share
from gateway_process import gateway
from measurement import Measurement

_PERIOD_SECONDS = 0.02
_IDLE_SECONDS = 20.0
_WARM_CALLS = 100


def measure(root: Path, rows: int) -> Measurement:
    """Calls for a while, then during one transfer; the figures are those of the slowest hundredth."""
    make_files(root, rows)
    with gateway(root, SETTINGS.format(root=root)) as running:
        asked = share(running.address, "first.csv", 1).transfer
        with _calls(running.address, asked) as idle:
            time.sleep(_IDLE_SECONDS)
        with _calls(running.address, asked) as busy:
            share(running.address, "audience.csv", rows)
        peak = running.peak_rss_mib()
    quiet, loaded = _slowest_hundredth(idle), _slowest_hundredth(busy)
    return Measurement(
        name=f"unary p99 while {rows:,} rows are transferred, {len(busy)} calls (baseline: idle)",
        value=loaded,
        unit="ms",
        baseline=quiet,
        ratio=loaded / quiet,
        peak_rss_mib=peak,
    )


@contextmanager
def _calls(address: str, transfer: str) -> Iterator[list[float]]:
    """Milliseconds of the calls that are made until the block ends; the list is filled when it has."""
    command = [sys.executable, __file__, address, transfer]
    found: list[float] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # this script
        yield found
        found += [float(line) for line in process.communicate()[0].splitlines()]
    if process.returncode:
        raise SystemExit("a call failed")


def _slowest_hundredth(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=100)[-1]


def _call(address: str, transfer: str, ended: threading.Event) -> Iterator[float]:
    with grpc.insecure_channel(address) as channel:
        transfers = transfer_service_pb2_grpc.TransferServiceStub(channel)
        connectors = connector_service_pb2_grpc.ConnectorServiceStub(channel)
        calls = (
            lambda: transfers.GetTransfer(transfer_service_pb2.GetTransferRequest(name=transfer)),
            lambda: connectors.ListConnectors(connector_service_pb2.ListConnectorsRequest()),
        )
        for number in range(_WARM_CALLS):
            calls[number % 2]()
        due, number = time.perf_counter(), 0
        while not ended.wait(max(0.0, due - time.perf_counter())):
            # From when it was due: a call that has to wait for the one before it is as late as it is.
            calls[number % 2]()
            yield (time.perf_counter() - due) * 1000
            due, number = due + _PERIOD_SECONDS, number + 1


def main() -> None:
    """Makes calls until the input ends."""
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    found = list(_call(sys.argv[1], sys.argv[2], ended))
    print("\n".join(map(str, found)))


if __name__ == "__main__":
    main()
