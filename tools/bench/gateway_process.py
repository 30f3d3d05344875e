"""A gateway of this checkout as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peak_memory import peak_rss_mib


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """Where it answers, and its process."""

    address: str
    pid: int

    def peak_rss_mib(self) -> float:
        """Most memory that it had so far, in MiB."""
        return peak_rss_mib(self.pid)


@contextmanager
def gateway(root: Path, settings: str) -> Iterator[RunningGateway]:
    """Serves with these settings until the block ends; its files are below the root."""
    config, ready = root / "gateway.toml", root / "ready.json"
    config.write_text(settings, encoding="utf-8")
    command = [Path(sys.executable).with_name("audience-gateway"), "serve", "--config", config, "--ready-file", ready]
    with (root / "gateway.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603  # the gateway of this checkout
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit(f"the gateway ended with {process.returncode}; see its log in {root}")
                time.sleep(0.05)
            yield RunningGateway(json.loads(ready.read_text())["address"], process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
