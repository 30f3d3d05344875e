"""Ids on stdin, one a line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from audience_gateway.cli.errors import CommandError

IDS_A_CALL = 10_000


def lines_of_stdin() -> list[str]:
    """The ids. Raises CommandError where there are none, or not as text."""
    ids = list(_texts(sys.stdin.buffer))
    if not ids:
        raise CommandError("stdin holds no ids", "Give one id a line.")
    return ids


def in_calls(ids: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """As many ids at a time as a call takes, each time with the position of the first."""
    wanted = lines_of_stdin() if list(ids) == ["-"] else ids
    for start in range(0, len(wanted), IDS_A_CALL):
        yield start, wanted[start : start + IDS_A_CALL]


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            yield line.rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            raise CommandError(f"line {number} of stdin is not UTF-8", "Convert it to UTF-8.") from None
