"""Runs the `sh` blocks of a page in order, as its reader would.

- A comment `<!-- in another terminal: port N -->` before a block: it goes on in the background, and answers at port N.
- A comment `<!-- not run: why -->`: it is not run.
- A `text` block behind an `sh` block is what that prints; `...` stands for anything, and white space does not matter.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, Example, OutputChecker
from pathlib import Path
from typing import Self

from pages import Block

COMMANDS = Path(sys.executable).parent
_PATIENCE_SECONDS = 30


class Shell:
    """A reader's terminals in one directory; use it as a context manager.

    Args:
        directory: where commands run; processes log there.
        ports: ports that pages name, and free ones that are used instead.
        environment: variables besides those of the test.
    """

    def __init__(self, directory: Path, ports: Mapping[int, int], environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._ports = ports
        path = f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, "PATH": path, "COLUMNS": "120", **environment}
        self._background: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._background):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(_PATIENCE_SECONDS)

    def run(self, blocks: list[Block]) -> None:
        """Runs what is to be run, and compares what it prints with what the page says."""
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            if block.language != "sh" or block.marker.startswith("not run: "):
                continue
            if background := re.fullmatch(r"in another terminal: port (\d+)", block.marker):
                self._start(block, int(background[1]))
            else:
                self._compare(block, self.output(block.text, block.where), after)

    def translated(self, text: str) -> str:
        """A text of a page with the ports that are used."""
        for named, used in self._ports.items():
            text = re.sub(rf"\b{named}\b", str(used), text)
        return text

    def output(self, text: str, where: str = "") -> str:
        """Runs commands and answers what they print; all of them have to succeed."""
        done = subprocess.run(
            self._command(text), cwd=self._directory, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{where}: {done.stderr or done.stdout}"
        return done.stdout

    def _command(self, text: str) -> list[str]:
        return ["bash", "-euo", "pipefail", "-c", self.translated(text)]

    def _compare(self, block: Block, output: str, after: Block | None) -> None:
        if after is not None and after.language == "text":
            checker, flags = OutputChecker(), ELLIPSIS | NORMALIZE_WHITESPACE
            difference = checker.output_difference(Example(block.text, after.text), output, flags)
            assert checker.check_output(after.text, output, flags), f"{after.where}: {difference}"

    def _start(self, block: Block, port: int) -> None:
        log = self._directory / f"{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self._command(block.text),
                cwd=self._directory,
                env=self._environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._background.append(process)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not answers(self._ports[port]):
            assert process.poll() is None, f"{block.where} ended: {log.read_text()}"
            assert time.monotonic() < deadline, f"{block.where} does not answer: {log.read_text()}"
            time.sleep(0.05)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
