"""Shares of members: what is too much to be compared at once is split by a hash of the members' keys."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.identity.keys import partition_name


@dataclass(frozen=True, slots=True)
class Share:
    """One of some shares of about the same size. They hold within one transfer: another DuckDB may split otherwise.

    Attributes:
        number: which one, from 0.
        shares: how many there are.
    """

    number: int = 0
    shares: int = 1

    @property
    def name(self) -> str:
        """Its name in names of files and steps."""
        return partition_name(self.number)

    @property
    def last(self) -> bool:
        """Whether there are no further ones."""
        return self.number == self.shares - 1

    def holds(self, column: str) -> str:
        """SQL condition: the value of a column is in this share."""
        return f"hash({column}) % {self.shares} = {self.number}" if self.shares > 1 else "true"


def shares(number: int) -> list[Share]:
    """So many shares."""
    return [Share(one, number) for one in range(number)]
