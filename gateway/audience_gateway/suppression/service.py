"""What the API asks of the suppression list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from audience_gateway.suppression.model import IdsOfPeople, RefusedId, Suppression, SuppressionKind


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What became of ids that were to be entered or lifted.

    Attributes:
        keys: how many keys were; an id has one in each of its data sources.
        refused: ids that have none, because they are no ids of a data source.
    """

    keys: int
    refused: tuple[RefusedId, ...]


class SuppressionService(Protocol):
    """Keeps the suppression list."""

    async def suppress(self, people: IdsOfPeople, purposes: Sequence[str] = (), *, request_id: str = "") -> Suppressed:
        """Enters opt-outs, for some purposes or for all. Raises ConfigError for what is not configured."""
        ...

    async def unsuppress(
        self, people: IdsOfPeople, purposes: Sequence[str], kind: SuppressionKind, *, request_id: str = ""
    ) -> Suppressed:
        """Lifts ids out of the list: what they are in it for by a kind, or some purposes of it. Raises ConfigError."""
        ...

    async def list(self, *, data_source: str, after: str, limit: int) -> Sequence[Suppression]:
        """Ids in the list, ordered by key and kind, behind a `key/kind`; only those of a data source if it is named."""
        ...
