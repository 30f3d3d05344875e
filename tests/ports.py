"""Ports of servers that tests start."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

_LONGEST_START_SECONDS = 60
_PAUSE_SECONDS = 0.05


def free_port() -> int:
    """A port of the loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the process can be connected to. Raises RuntimeError with its log if it ends or takes too long."""
    end = time.monotonic() + _LONGEST_START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')}")
