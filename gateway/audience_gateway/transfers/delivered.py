"""How far delivering got: which joiners and leavers were sent, and which of these were not answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_gateway.transfers.model import RemovalCount


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a sequence of changes, by their positions.

    Attributes:
        through: changes below this position were sent.
        doubts: of these, the stretches that were not answered: first position, and the one behind the last.
        refused: how many of the answered ones were refused.
    """

    through: int = 0
    doubts: tuple[tuple[int, int], ...] = ()
    refused: int = 0

    @property
    def in_doubt(self) -> int:
        """How many were not answered."""
        return sum(last - first for first, last in self.doubts)

    @property
    def accepted(self) -> int:
        """How many were answered and not refused."""
        return self.through - self.in_doubt - self.refused

    def doubtful(self, column: str) -> str:
        """An SQL condition: the position in a column is of a change that was not answered."""
        stretches = (f"{column} >= {first} AND {column} < {last}" for first, last in self.doubts)
        return " OR ".join(f"({stretch})" for stretch in stretches) or "false"


@dataclass(frozen=True, slots=True)
class Delivered:
    """How far delivering got.

    Attributes:
        added: of the joiners.
        removed: of the leavers.
    """

    added: Span = field(default_factory=Span)
    removed: Span = field(default_factory=Span)


def removal_count(leavers: int, removed: Span, *, supported: bool) -> RemovalCount:
    """What became of the leavers."""
    if not supported:
        return RemovalCount(leavers=leavers, not_supported=leavers)
    return RemovalCount(
        leavers=leavers,
        removed=removed.accepted,
        refused=removed.refused,
        in_doubt=removed.in_doubt,
        withheld=leavers - removed.through,
    )
