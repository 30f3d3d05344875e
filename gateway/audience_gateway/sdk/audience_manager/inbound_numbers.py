"""Numbers of inbound files, as whose parts they go (audience-manager 3.2).

A number is made of a digest of the transfer and a digest of the write, so that a repeat has the same one, and files of
one transfer can be told from those of others by their names alone.
"""

from __future__ import annotations

import hashlib

_WRITE_BITS = 11
_TRANSFER_BITS = 20


def transfer_of(key: str) -> str:
    """The transfer that a write's key belongs to: what stands before its last slash."""
    return key.rpartition("/")[0] or key


def file_number(key: str, part: int) -> int:
    """The number of a write's file, from 1 to 2³¹ - 1.

    Args:
        key: of the write.
        part: which of the write's files, from 0.
    """
    write = _digest(f"{key} {part}", _WRITE_BITS)
    return max(1, _transfer_number(key) << _WRITE_BITS | write)


def is_of_same_transfer(number: int, key: str) -> bool:
    """Whether a file belongs to the transfer of a write; one of a million other transfers is taken for it too."""
    return number >> _WRITE_BITS == _transfer_number(key)


def _transfer_number(key: str) -> int:
    return _digest(transfer_of(key), _TRANSFER_BITS)


def _digest(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> (64 - bits)
