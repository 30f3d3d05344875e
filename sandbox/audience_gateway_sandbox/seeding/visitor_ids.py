"""Makes Visitor IDs: good ones, and lines of a file whose id is none (people-and-ids 2.1)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_HALF_BITS = 63
_HALF_LIMIT = 2**_HALF_BITS
_ZEROS_EVERY = 50
_ZERO_BITS = 20


def visitor_id(random: Random) -> str:
    """Make a valid id: 38 digits in two halves, each below 2^63. One in fifty begins with several zeros."""
    first, second = random.getrandbits(_HALF_BITS), random.getrandbits(_HALF_BITS)
    if first % _ZEROS_EVERY == 0:
        first >>= _ZERO_BITS
    return f"{first:019d}{second:019d}"


def malformed_line(random: Random, kind: int, segment_id: int) -> tuple[bytes, str]:
    """Make a line that cannot stand for anybody, and name the reason of its rejection.

    Args:
        random: where digits come from.
        kind: which of the kinds; they take turns.
        segment_id: the segment that the line names, where it is whole enough to name one.
    """
    break_line, reason = _KINDS[kind % len(_KINDS)]
    return break_line(visitor_id(random), f"\t{segment_id}".encode()), reason


def _digit_short(good: str, segments: bytes) -> bytes:
    return good[:-1].encode() + segments


def _letters(good: str, segments: bytes) -> bytes:
    return good[:-2].encode() + b"xy" + segments


def _half_too_large(good: str, segments: bytes) -> bytes:
    return f"{_HALF_LIMIT}{good[19:]}".encode() + segments


def _second_half_too_large(good: str, segments: bytes) -> bytes:
    return f"{good[:19]}{_HALF_LIMIT}".encode() + segments


def _no_id(_: str, segments: bytes) -> bytes:
    return segments


def _no_tab(good: str, _: bytes) -> bytes:
    return good.encode()


def _noise(good: str, segments: bytes) -> bytes:
    return b"\xff\xfe\x80" + good[3:].encode() + segments


_KINDS: tuple[tuple[Callable[[str, bytes], bytes], str], ...] = (
    (_digit_short, "invalid_id"),
    (_no_tab, "malformed_row"),
    (_letters, "invalid_id"),
    (_noise, "invalid_encoding"),
    (_half_too_large, "invalid_id"),
    (_no_id, "malformed_row"),
    (_second_half_too_large, "invalid_id"),
)
