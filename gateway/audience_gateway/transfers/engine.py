"""Transfers on the job engine: the implementation of `transfers.service`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from audience_gateway.identity.connections import Connections
from audience_gateway.jobs.engine import JobEngine, Steps
from audience_gateway.sdk import ConfigError, Permanent
from audience_gateway.storage.relations import QueryLimits, Relations
from audience_gateway.transfers import rows
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import Failure, GuardLimits, Receipt, RowOutcome, ShareRequest, Transfer
from audience_gateway.transfers.pipeline import Pipeline, TransferFailed
from audience_gateway.transfers.receipt import receipt
from audience_gateway.transfers.retries import RetryPolicy
from audience_gateway.transfers.service import (
    OutcomeQuery,
    RequestIdReused,
    TransferNotEnded,
    TransferNotFound,
)
from audience_gateway.transfers.snapshots import Snapshots
from audience_gateway.transfers.task import Sizes, Task
from audience_gateway.transfers.workspace import Workspace

_WATCH_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOptions:
    """How transfers run.

    Attributes:
        state: directory of workspaces and snapshots.
        sizes: how much is done at a time.
        limits: what one query may use.
        guard: limits above which a transfer is withheld, unless its request has its own.
        retries: how steps are tried again.
    """

    state: Path
    sizes: Sizes = field(default_factory=Sizes)
    limits: QueryLimits = field(default_factory=QueryLimits)
    guard: GuardLimits = field(default_factory=GuardLimits)
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class Transfers:
    """Starts transfers and tells of them.

    Args:
        ledger: where transfers are entered.
        connections: the connections that they read and write.
        options: how they run.
        engine: makes the job engine from the job that it is to run.
    """

    def __init__(
        self,
        ledger: Ledger,
        connections: Connections,
        options: TransferOptions,
        engine: Callable[[Callable[[str, Steps], None]], JobEngine],
    ) -> None:
        self._ledger = ledger
        self._connections = connections
        self._options = options
        self._snapshots = Snapshots(options.state / "snapshots", ledger)
        self._engine = engine(self._run)

    async def launch(self) -> None:
        """Starts the engine; transfers that have not ended go on."""
        await self._engine.launch()
        for transfer in await asyncio.to_thread(self._ledger.unfinished):
            await self._submit(transfer)

    async def stop(self) -> None:
        """Stops the engine; transfers under way go on at the next launch."""
        await self._engine.stop()

    async def start(self, request: ShareRequest) -> Transfer:
        """Accepts a transfer. Raises ConfigError for names that are not configured, RequestIdReused."""
        source = self._connections.data_source(request.data_source)
        self._connections.reconciler(source.id_type)
        if request.source == request.destination:
            raise ConfigError("source and destination are the same audience", place=str(request.source))
        request = replace(request, policy=request.policy or source.policy, guard=request.guard or self._options.guard)
        transfer_id = str(uuid.uuid5(uuid.NAMESPACE_OID, request.request_id) if request.request_id else uuid.uuid4())
        accepted = await asyncio.to_thread(self._ledger.accept, transfer_id, request)
        transfer = await self.get(transfer_id)
        if not accepted and transfer.request != request:
            raise RequestIdReused
        await self._submit(transfer)
        return transfer

    async def get(self, transfer: str) -> Transfer:
        """One transfer. Raises TransferNotFound."""
        found = await asyncio.to_thread(self._ledger.transfer, transfer)
        if found is None:
            raise TransferNotFound(transfer)
        return found

    async def list(self, *, after: str = "", limit: int) -> list[Transfer]:
        """Transfers, the newest first, behind the one of id `after`."""
        return await asyncio.to_thread(self._ledger.transfers, after=after, limit=limit)

    async def watch(self, transfer: str) -> AsyncIterator[Transfer]:
        """The transfer now and whenever it has changed, ending with its end. Raises TransferNotFound."""
        seen: Transfer | None = None
        while seen is None or not seen.state.ended:
            now = await self.get(transfer)
            if now != seen:
                yield now
            else:
                await asyncio.sleep(_WATCH_SECONDS)
            seen = now

    async def outcomes(self, query: OutcomeQuery) -> Sequence[RowOutcome]:
        """Rows with their outcome, by row. Raises TransferNotFound, TransferNotEnded."""
        workspace = await self._ended_workspace(query.transfer)
        return await asyncio.to_thread(rows.outcomes, workspace, self._options.limits, query)

    async def receipt(self, transfer: str) -> Receipt:
        """The receipt. Raises TransferNotFound, TransferNotEnded."""
        workspace = await self._ended_workspace(transfer)
        text = await asyncio.to_thread(workspace.file("receipt.json").read_text, encoding="utf-8")
        return receipt(transfer, text)

    async def _submit(self, transfer: Transfer) -> None:
        if not transfer.state.ended:
            await self._engine.submit(transfer.id, partition=str(transfer.request.destination))

    async def _ended_workspace(self, transfer: str) -> Workspace:
        found = await self.get(transfer)
        if not found.state.ended:
            raise TransferNotEnded(transfer)
        workspace = self._workspace(transfer)
        if not workspace.file("receipt.json").exists():
            raise Permanent(
                "the transfer failed before its rows were accounted for, so it has neither outcomes nor a receipt",
                place=f"transfers/{transfer}",
                remedy="The transfer itself says why it failed.",
            )
        return workspace

    def _workspace(self, transfer: str) -> Workspace:
        return Workspace(self._options.state / "transfers" / transfer)

    def _run(self, transfer_id: str, steps: Steps) -> None:
        """The job: runs in a thread of the engine."""
        try:
            with Relations(self._workspace(transfer_id).scratch, self._options.limits) as relations:
                self._pipeline(transfer_id, steps, relations).run()
        except TransferFailed as failed:
            self._fail(transfer_id, failed.failure)
        except Exception as error:  # noqa: BLE001  # every error ends the transfer with a failure that says so
            self._fail(transfer_id, failure(error))

    def _fail(self, transfer_id: str, reason: Failure) -> None:
        self._ledger.fail(transfer_id, reason)
        self._workspace(transfer_id).forget_intermediates()

    def _pipeline(self, transfer_id: str, steps: Steps, relations: Relations) -> Pipeline:
        transfer = self._ledger.transfer(transfer_id)
        if transfer is None:
            raise TransferNotFound(transfer_id)
        source = self._connections.data_source(transfer.request.data_source)
        task = Task(
            id=transfer_id,
            request=transfer.request,
            source=source,
            strategy=self._connections.reconciler(source.id_type),
            policy=transfer.request.policy or source.policy,
            guard=transfer.request.guard or self._options.guard,
            connections=self._connections,
            workspace=self._workspace(transfer_id),
            relations=relations,
            snapshots=self._snapshots,
            sizes=self._options.sizes,
            progress=lambda stage, done, total: self._ledger.progress(transfer_id, stage, done, total),
            now=lambda: datetime.now(UTC),
        )
        return Pipeline(task, steps, self._ledger, self._options.retries, transfer.created)
