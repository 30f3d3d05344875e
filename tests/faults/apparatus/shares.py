"""Shares an audience of the stub's with a connection under test, in a gateway's core as its process runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audience_gateway.sdk import Reason
from audience_gateway.server.core import Core
from audience_gateway.transfers.model import AudienceRef, Receipt, ShareRequest, Transfer, TransferState
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.service import OutcomeQuery

HELD = {Reason.ADDED, Reason.ALREADY_MEMBER}
"""Reasons of rows of which the receipt says that the destination has them."""
EITHER = {Reason.IN_DOUBT}
"""Reasons of rows of which it says that it cannot know."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A transfer that has ended, with its account."""

    transfer: Transfer
    receipt: Receipt
    rows: list[RowOutcome]

    @property
    def reasons(self) -> dict[Reason, int]:
        """Rows by reason."""
        return {reason: rows for count in self.receipt.outcomes for reason, rows in count.reasons.items()}

    @property
    def failure(self) -> str | None:
        """The reason of its failure."""
        return self.transfer.failure.reason if self.transfer.failure else None

    def untrue(self, source: list[str], held: set[str]) -> list[str]:
        """Where the account says something else than the destination, of rows whose members are given in order."""
        told = {member: row.reason for member, row in zip(source, self.rows, strict=True)}
        return [
            f"{member} is {reason}, and is {'' if member in held else 'not '}there"
            for member, reason in told.items()
            if reason not in EITHER and (reason in HELD) is not (member in held)
        ]


async def share(core: Core, data_source: str = "any", **changes: object) -> Shared:
    """Shares `source/source` with `target/gold`, and waits for the end."""
    values: dict[str, object] = {
        "source": AudienceRef("source", "source"),
        "destination": AudienceRef("target", "gold"),
        "data_source": data_source,
    }
    begun = await core.transfers.start(ShareRequest(**{**values, **changes}))
    ended = [state async for state in core.transfers.watch(begun.id)][-1]
    receipt = await core.transfers.receipt(ended.id)
    rows = list(await core.transfers.outcomes(OutcomeQuery(transfer=ended.id)))
    assert sum(count.rows for count in receipt.outcomes) == receipt.rows_read == len(rows)
    assert (ended.state is TransferState.FAILED) == (ended.failure is not None)
    return Shared(ended, receipt, rows)


def settings(source: str, targets: Mapping[str, object]) -> dict[str, object]:
    """Settings of the connections and of the data sources."""
    return {
        "connections": {
            "source": {"connector": "stub", "settings": {"url": source}},
            **targets,
        },
        "data_sources": {
            "any": {"id_type": "declared_id"},
            "email": {"id_type": "declared_id", "reconciliation_key": "@email", "recipe": "email"},
        },
    }
