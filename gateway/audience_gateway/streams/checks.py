"""Finds the rows of a chunk that are no members, by what the stages of a transfer will say of them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from audience_gateway.identity.normalisation import normalise
from audience_gateway.sdk import DataSource, MemberBatch, Reconciler
from audience_gateway.streams.model import RejectedRow


@dataclass(frozen=True, slots=True)
class RowCheck:
    """How the rows of a stream are checked.

    Attributes:
        strategy: brings ids of the stream's id type into canonical form.
        source: the stream's data source.
    """

    strategy: Reconciler
    source: DataSource

    def rejected(self, members: MemberBatch) -> tuple[RejectedRow, ...]:
        """The rows that are no members, by index."""
        normalised = normalise(self.strategy, members.columns.column("id"), self.source, encoded=False)
        defects = members.columns.column("defect")
        if normalised.reasons.null_count == defects.null_count == len(members):
            return ()
        reasons = pc.coalesce(defects, normalised.reasons)
        found = pc.is_valid(reasons)
        pairs = zip(pc.indices_nonzero(found).to_pylist(), reasons.filter(found).to_pylist(), strict=True)
        return tuple(RejectedRow(index, reason) for index, reason in pairs)
