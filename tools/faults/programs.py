"""The processes of a run: the stub, and gateways that traps can catch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STUB = HERE.parents[1] / "tests" / "faults" / "stub"
_START_SECONDS = 60.0
_LOOK_SECONDS = 0.01


class NotStarted(RuntimeError):
    """A process did not begin to serve."""


@dataclass
class Process:
    """A process that writes a file once it is ready.

    Attributes:
        command: what to run, without the ready file.
        ready_file: what it writes when it is ready.
        log: where its output goes.
        variables: of its environment, beside those of ours.
    """

    command: list[str]
    ready_file: Path
    log: Path
    variables: dict[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def begin(self) -> None:
        """Starts it, and does not wait until it is ready."""
        self.ready_file.unlink(missing_ok=True)
        path = os.pathsep.join([str(STUB), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": path, **self.variables}
        with self.log.open("ab") as log:
            command = [*self.command, "--ready-file", str(self.ready_file)]
            self.running = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603  # programs of this checkout

    def ready(self) -> dict[str, Any] | None:
        """What it wrote when it was ready; None if it has ended before. Raises NotStarted if it takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.ready_file.exists():
            if self.dead:
                return None
            if time.monotonic() > deadline:
                raise NotStarted(f"it did not get ready; its log is {self.log}")
            time.sleep(_LOOK_SECONDS)
        content: dict[str, Any] = json.loads(self.ready_file.read_text(encoding="utf-8"))
        return content

    def start(self) -> dict[str, Any]:
        """Starts it, and answers what it wrote when it was ready. Raises NotStarted."""
        self.begin()
        content = self.ready()
        if content is None:
            raise NotStarted(f"it ended early; its log is {self.log}")
        return content

    @property
    def dead(self) -> bool:
        """Whether it runs no more."""
        return self.running is None or self.running.poll() is not None

    def end(self) -> int:
        """Tells it to end by SIGTERM; answers its exit code. Raises TimeoutExpired if it takes too long."""
        if self.running is None:
            raise RuntimeError("it does not run")
        self.running.send_signal(signal.SIGTERM)
        code = self.running.wait(_START_SECONDS)
        self.running = None
        return code

    def kill(self) -> None:
        """Ends it by SIGKILL; nothing if it has ended."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None


def stub_process(directory: Path) -> Process:
    """The stub."""
    command = [sys.executable, "-m", "gateway_stub_system"]
    return Process(command, directory / "stub.json", directory / "stub.log")


def gateway_process(directory: Path, name: str, traps: Path, enter: tuple[str, ...] = ()) -> Process:
    """A gateway with the settings of a directory; `enter` is a command that runs it somewhere else."""
    worker = [sys.executable, str(HERE / "worker.py"), str(traps), "serve", "--config", str(directory / "gateway.toml")]
    return Process([*enter, *worker], directory / f"{name}.json", directory / f"{name}.log")
