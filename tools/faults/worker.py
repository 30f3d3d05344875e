"""Runs `audience-gateway` as its command does, in a process that traps can catch."""

from __future__ import annotations

import sys
from pathlib import Path

from trap import Traps, Watcher


def main() -> None:
    """Takes the directory of traps, and then the arguments of the command."""
    from audience_gateway.cli.main import main as command  # noqa: PLC0415  # only with the traps installed

    _, traps, *arguments = sys.argv
    Watcher(Traps(Path(traps))).install()
    sys.argv = ["audience-gateway", *arguments]
    command()


if __name__ == "__main__":
    main()
