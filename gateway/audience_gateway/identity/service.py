"""What the API asks of identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from audience_gateway.identity.explanation import Explanation
from audience_gateway.sdk import CandidatePolicy, Reason


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What became of one id: keys of records, or the reason why there is none."""

    targets: tuple[str, ...]
    reason: Reason | None = None


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
