"""Partitions of keys: what is too much to be held at once is worked on by the top bits of its keys."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from audience_gateway.identity.keys import MOST_PARTITION_BITS, partition_name

_KEY_BITS = 128


@dataclass(frozen=True, slots=True)
class Partition:
    """The keys that begin with the same bits; by default all keys.

    Attributes:
        number: these bits as a number.
        bits: how many they are.
    """

    number: int = 0
    bits: int = 0

    @property
    def name(self) -> str:
        """Its name in names of files and steps."""
        return partition_name(self.number)

    @property
    def bounds(self) -> tuple[uuid.UUID, uuid.UUID]:
        """Its first and its last key."""
        width = _KEY_BITS - self.bits
        return uuid.UUID(int=self.number << width), uuid.UUID(int=((self.number + 1) << width) - 1)

    def holds(self, column: str) -> str:
        """SQL condition: the key in a column is in this partition. Of files in the order of keys the rest is not read.

        A null is in none, unless there is only one.
        """
        if not self.bits:
            return "true"
        first, last = self.bounds
        return f"{column} >= CAST('{first}' AS UUID) AND {column} <= CAST('{last}' AS UUID)"


def partitions(rows: int, most_rows: int) -> list[Partition]:
    """Partitions that have about so many rows at most, as far as keys can be split."""
    bits = 0
    while bits < MOST_PARTITION_BITS and rows > most_rows << bits:
        bits += 1
    return [Partition(number, bits) for number in range(1 << bits)]
