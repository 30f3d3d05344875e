"""Limits of the guard, as options of the command line and as the API has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer

from audience_gateway.v1 import transfer_pb2

_ANY_ROWS, _ANY_SHARE = 2**63 - 1, 1.0

MatchPointsOption = Annotated[
    float | None,
    typer.Option(
        "--match-points",
        min=0,
        max=100,
        help="Hold back if the match rate falls by more than so many points; else the gateway's limit.",
    ),
]
MatchRowsOption = Annotated[
    int | None,
    typer.Option(
        "--match-rows", min=0, help="Do not compare match rates of fewer valid rows; else the gateway's limit."
    ),
]
StaleHoursOption = Annotated[
    float | None,
    typer.Option(
        "--stale-hours",
        min=0,
        help="Hold back if the source was refreshed longer ago; 0 for any time, else the gateway's limit.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardOptions:
    """The limits that were given; None for those that were not, which are left to the gateway.

    Attributes:
        accept_removals: whether any number of members may leave; False leaves the number to the gateway.
        match_points: by how many points the match rate may fall.
        match_rows: of how many rows it is compared at least.
        stale_hours: how long ago the source may have been refreshed.
    """

    accept_removals: bool | None = None
    match_points: float | None = None
    match_rows: int | None = None
    stale_hours: float | None = None

    def message(self) -> transfer_pb2.Guard | None:
        """As the API has them; None if nothing but the gateway's limits applies."""
        guard = transfer_pb2.Guard(
            removed_rows=_ANY_ROWS if self.accept_removals else None,
            removed_share=_ANY_SHARE if self.accept_removals else None,
            match_points=self.match_points,
            match_rows=self.match_rows,
        )
        if self.stale_hours is not None:
            guard.stale_after.FromTimedelta(timedelta(hours=self.stale_hours))
        return guard if guard.ListFields() else None

    def paths(self) -> list[str]:
        """Paths of what was given, below that of the guard."""
        given = {
            "removed_rows": self.accept_removals,
            "removed_share": self.accept_removals,
            "match_points": self.match_points,
            "match_rows": self.match_rows,
            "stale_after": self.stale_hours,
        }
        return [path for path, value in given.items() if value is not None]
