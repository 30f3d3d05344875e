"""What the API asks of identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from audience_gateway.identity.explanation import Explanation
from audience_gateway.sdk import CandidatePolicy, Reason


@dataclass(frozen=True, slots=True)
class Match:
    """A record that an id stands for.

    Attributes:
        target: key of the record.
        last_seen: when it was last seen with the id; None if not known.
        confidence: how much the id says for this record and no other: 1 divided by the number of records that have it.
    """

    target: str
    last_seen: datetime | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What became of one id: records, or the reason why there is none."""

    matches: tuple[Match, ...]
    reason: Reason | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        """Keys of the records."""
        return tuple(match.target for match in self.matches)


class IdentityService(Protocol):
    """Tries out how ids reconcile."""

    async def reconcile(
        self, connection: str, data_source: str, ids: Sequence[str], policy: CandidatePolicy | None = None
    ) -> list[Reconciliation]:
        """One answer an id, in their order; changes nothing. Raises ConfigError and the errors of the connector."""
        ...

    async def explain(
        self, connection: str, data_source: str, id_: str, policy: CandidatePolicy | None = None, *, encoded: bool
    ) -> Explanation:
        """Why one id matches, or does not; changes nothing. Raises ConfigError and the errors of the connector."""
        ...
