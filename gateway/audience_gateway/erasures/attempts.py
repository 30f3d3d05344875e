"""Erases at one destination: by a transfer that removes members, tried again for as long as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from audience_gateway.erasures.model import Erasure, Target, TargetState
from audience_gateway.erasures.pace import ErasurePace
from audience_gateway.erasures.receipts import signed
from audience_gateway.identity.connections import Connections
from audience_gateway.sdk import CandidatePolicy, MemberRemover, MemberReplacer, Transient
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import (
    AudienceRef,
    ErasedRef,
    Failure,
    GuardLimits,
    Priority,
    ShareRequest,
    Transfer,
    TransferMode,
    TransferState,
)
from audience_gateway.transfers.service import TransferNotFound, TransferService
from audience_gateway.transfers.signing import SigningKey
from audience_gateway.transfers.undelivered import RETRIED

_ANY_REMOVALS = GuardLimits(removed_rows=2**63 - 1, removed_share=1.0)
_NOT_SUPPORTED = Failure(
    "NOT_SUPPORTED",
    "the connector cannot remove members",
    "Remove the person in the system itself; the gateway adds them no more.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Brings targets further.

    Attributes:
        transfers: makes transfers.
        ledger: has their receipts.
        connections: the destinations.
        forget_rows: drops the rows of transfers that have ended.
        key: signs receipts.
        pace: how often is tried.
        patience: how long a connector may take to open.
    """

    transfers: TransferService
    ledger: Ledger
    connections: Connections
    forget_rows: Callable[[Sequence[str]], Awaitable[None]]
    key: SigningKey
    pace: ErasurePace
    patience: timedelta = timedelta(minutes=1)

    async def advance(self, erasure: Erasure, target: Target, destination: AudienceRef, now: datetime) -> Target:
        """The target as it is now, after what can be done at once was done. Raises nothing that a system raised."""
        found = await self._under_way(target)
        if found is None:
            return await self._begin(erasure, target, destination, now)
        if not found.state.ended:
            return replace(target, next_look=self.pace.look_again(target.updated, now))
        left = sum(count.reasons.get(reason, 0) for count in found.outcomes for reason in RETRIED)
        if found.state is TransferState.SUCCEEDED and not left:
            receipt = await asyncio.to_thread(self.ledger.receipt, found.id)
            await self.forget_rows([found.id])
            return replace(target, state=TargetState.DONE, failure=None, next_look=None, updated=now, receipt=receipt)
        await self.forget_rows([found.id])
        return self._failed(erasure, target, found.failure or _left(found, left), now)

    async def _under_way(self, target: Target) -> Transfer | None:
        if not target.transfer:
            return None
        try:
            return await self.transfers.get(target.transfer)
        except TransferNotFound:
            return None

    async def _begin(self, erasure: Erasure, target: Target, destination: AudienceRef, now: datetime) -> Target:
        tried = replace(target, attempts=target.attempts + 1, updated=now)
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                able = await self._removes(destination.connection)
            if not able:
                return self._ended(erasure, replace(tried, failure=_NOT_SUPPORTED), TargetState.NOT_SUPPORTED, now)
            transfer = await self.transfers.start(
                ShareRequest(
                    source=ErasedRef(erasure.id),
                    destination=destination,
                    data_source=target.place.data_source,
                    policy=CandidatePolicy.ALL,
                    guard=_ANY_REMOVALS,
                    mode=TransferMode.ERASE,
                    priority=Priority.HIGH,
                    request_id=f"{erasure.id}/{target.number}/{tried.attempts}",
                )
            )
        except TimeoutError:
            return self._failed(erasure, tried, failure(_silence(destination)), now)
        except Exception as error:  # noqa: BLE001  # whatever a system says, it is tried again
            return self._failed(erasure, tried, failure(error), now)
        return replace(tried, transfer=transfer.id, next_look=now + self.pace.look)

    async def _removes(self, connection: str) -> bool:
        async with self.connections.open(connection) as connector:
            return isinstance(connector, (MemberReplacer, MemberRemover))

    def _failed(self, erasure: Erasure, target: Target, found: Failure, now: datetime) -> Target:
        failed = replace(target, transfer="", failure=found, updated=now)
        if now - erasure.created > self.pace.give_up:
            return self._ended(erasure, failed, TargetState.FAILED, now)
        return replace(failed, next_look=now + self.pace.after(target.attempts))

    def _ended(self, erasure: Erasure, target: Target, state: TargetState, now: datetime) -> Target:
        ended = replace(target, state=state, next_look=None, updated=now)
        return replace(ended, receipt=signed(self.key, erasure, ended, now))


def _left(transfer: Transfer, rows: int) -> Failure:
    return Failure(
        "TRANSIENT",
        f"transfers/{transfer.id} ended as {transfer.state}, and {rows} members may still be there",
        "It is tried again.",
    )


def _silence(destination: AudienceRef) -> Transient:
    return Transient("the connector did not open in time", place=f"connections/{destination.connection}")
