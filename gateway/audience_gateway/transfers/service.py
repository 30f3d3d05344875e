"""What the API asks of transfers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from audience_gateway.sdk import Outcome, Reason
from audience_gateway.transfers.match_report import MatchReport
from audience_gateway.transfers.model import Receipt, ShareRequest, Transfer, TransferState
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.signing import VerifyingKey

OUTCOME_ROWS = pa.schema(
    [
        pa.field("row", pa.int64()),
        pa.field("outcome", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("id_fingerprint", pa.string()),
        pa.field("data_source", pa.string()),
    ]
)
"""Columns of exported outcomes, the attributes of `RowOutcome`; none has nulls."""
REVEALED_ROWS = OUTCOME_ROWS.append(pa.field("id", pa.string()))
"""The same for those who may see ids; null for a row without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeQuery:
    """Which rows of a transfer to list.

    Attributes:
        transfer: id of the transfer.
        outcome: only rows of this outcome; None means all.
        reason: only rows of this reason; None means all.
        after_row: only rows behind this one; 0 to begin.
        limit: at most so many rows.
        reveal_ids: whether rows come with their ids. Who asks for that must have the right, and it is to be noted.
    """

    transfer: str
    outcome: Outcome | None = None
    reason: Reason | None = None
    after_row: int = 0
    limit: int = 1000
    reveal_ids: bool = False

    @property
    def columns(self) -> pa.Schema:
        """Columns of the rows when they are exported."""
        return REVEALED_ROWS if self.reveal_ids else OUTCOME_ROWS


class TransferNotFound(LookupError):
    """There is no transfer of that id."""


class TransferNotEnded(Exception):
    """A receipt or outcomes were asked of a transfer that has not ended."""


class WrongState(Exception):
    """A transfer is in a state in which that cannot be done.

    Attributes:
        transfer: its id.
        state: its state.
    """

    def __init__(self, transfer: str, state: TransferState) -> None:
        super().__init__(f"transfers/{transfer} is {state}")
        self.transfer = transfer
        self.state = state


class RequestIdReused(Exception):
    """The request id was used before with another payload."""


class TransferService(Protocol):
    """Starts transfers and tells of them."""

    async def start(self, request: ShareRequest) -> Transfer:
        """Accepts a transfer. Raises ConfigError for names that are not configured, RequestIdReused."""
        ...

    async def get(self, transfer: str) -> Transfer:
        """One transfer. Raises TransferNotFound."""
        ...

    async def list(self, *, after: str = "", limit: int) -> list[Transfer]:
        """Transfers, the newest first, behind the one of id `after`."""
        ...

    def watch(self, transfer: str) -> AsyncIterator[Transfer]:
        """The transfer now and whenever it has changed, a few times a second at most, until it ends or is withheld.

        Raises TransferNotFound.
        """
        ...

    async def cancel(self, transfer: str) -> Transfer:
        """Ends it at the next boundary of a chunk. Raises TransferNotFound, WrongState if it has ended otherwise."""
        ...

    async def pause(self, transfer: str) -> Transfer:
        """Halts it. Raises TransferNotFound, WrongState if it has ended."""
        ...

    async def resume(self, transfer: str) -> Transfer:
        """Lets a paused one go on. Raises TransferNotFound, WrongState if it has ended."""
        ...

    async def release(self, transfer: str, reason: str, *, request_id: str = "") -> Transfer:
        """Lets a withheld one go on, and notes why. Raises TransferNotFound, WrongState if it is not withheld."""
        ...

    async def retry(self, transfer: str, *, request_id: str = "") -> Transfer:
        """Starts a transfer of the rows that were not delivered.

        Raises TransferNotFound, TransferNotEnded, ConfigError if there are none such.
        """
        ...

    async def undo(self, transfer: str, *, request_id: str = "") -> Transfer:
        """Starts a transfer that takes back what this one has changed.

        Raises TransferNotFound, TransferNotEnded, NotUndoable if another one has changed the destination since.
        """
        ...

    async def outcomes(self, query: OutcomeQuery) -> Sequence[RowOutcome]:
        """Rows with their outcome, by row. Raises TransferNotFound, TransferNotEnded."""
        ...

    def export_outcomes(self, query: OutcomeQuery) -> AsyncGenerator[pa.RecordBatch]:
        """All rows that a query asks for, whatever its limit, by row, in the columns that it has.

        Raises TransferNotFound, TransferNotEnded.
        """
        ...

    async def receipt(self, transfer: str) -> Receipt:
        """The receipt. Raises TransferNotFound, TransferNotEnded."""
        ...

    def receipt_key(self) -> VerifyingKey:
        """The public half of the key that signs receipts."""
        ...


class MatchReports(Protocol):
    """Reports how well the ids of transfers matched."""

    async def report(self, transfer: str) -> MatchReport:
        """The report of one that has ended.

        Raises TransferNotFound, TransferNotEnded, Permanent if there is no receipt, ConfigError, and the errors of the
        connector.
        """
        ...
