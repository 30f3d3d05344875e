"""The two processes of the demo: the sandbox and the gateway."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("audience-gateway")
_PATIENCE_SECONDS = 60.0


@contextmanager
def started(
    arguments: list[str], ready_file: Path, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Runs `audience-gateway` with the arguments until the block ends; gives what it writes into its ready file.

    Raises SystemExit, naming the log, if it ends early, is not ready in time, or does not end with 0.
    """
    ready_file.unlink(missing_ok=True)
    command = [str(COMMAND), *arguments, "--ready-file", str(ready_file)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **(environment or {})})  # noqa: S603  # our own command
        try:
            yield _ready(process, ready_file, log)
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(_PATIENCE_SECONDS)
    if ended:
        raise SystemExit(f"{arguments[0]} ended with {ended}; its log is {log}")


def _ready(process: subprocess.Popen[bytes], ready_file: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"it did not get ready; its log is {log}")
        time.sleep(0.05)
    ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
    return ready
