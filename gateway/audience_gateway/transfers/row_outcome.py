"""What became of one row of a source."""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_gateway.sdk import Outcome, Reason


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The outcome of one row.

    Attributes:
        row: position in the source, from 1.
        outcome: the class that it ended in.
        reason: why.
        detail: what the destination said, if it refused the row; else empty.
        id_fingerprint: stand-in for the id; empty for a row without one.
        data_source: name of the data source that the row went by; empty for one that cannot be read, where there were
            several.
        id: the id as it was read, for those who may see it; None for others, and for a row without one.
    """

    row: int
    outcome: Outcome
    reason: Reason
    detail: str = ""
    id_fingerprint: str = ""
    data_source: str = ""
    id: str | None = field(default=None, repr=False)
