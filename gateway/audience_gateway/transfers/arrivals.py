"""What a transfer says about how its delivery arrives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ArrivalState(StrEnum):
    """How a delivery stands with one stage."""

    PENDING = "pending"
    REACHED = "reached"
    OVERDUE = "overdue"
    FAILED = "failed"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageArrival:
    """How a delivery stands with one stage.

    Attributes:
        stage: name of the stage.
        meaning: what can be relied on once it is reached.
        state: how it stands.
        reached: when it was reached; None if it is not.
        due: when it is due at the latest; None for the first, which is told when it is reached.
        counts: what the system counted, by its own names.
        message: what the system says, why it failed, or why nothing could be found out; empty for nothing.
        remedy: what to do about it; empty if there is nothing to advise.
    """

    stage: str
    meaning: str
    state: ArrivalState
    reached: datetime | None = None
    due: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    message: str = ""
    remedy: str = ""
