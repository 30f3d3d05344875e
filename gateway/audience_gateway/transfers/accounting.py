"""The last two stages: settles a transfer, however it ends, and writes its receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import cast

from audience_gateway import fail_points
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import EventKind, Reason
from audience_gateway.transfers.arriving import Arriving, begun
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.by_source import counts_by_source
from audience_gateway.transfers.delivered import removal_count
from audience_gateway.transfers.emptied_rows import empty_erased
from audience_gateway.transfers.ending import Ending
from audience_gateway.transfers.known import Known
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import RemovalCount, Stage
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.receipt import Account, outcome_counts, signed_receipt
from audience_gateway.transfers.settle import OUTCOMES, Delivery, preview, settle
from audience_gateway.transfers.settle_early import settle_early
from audience_gateway.transfers.signing import SigningKey
from audience_gateway.transfers.task import Task


class Accounting:
    """Accounts for one transfer.

    Args:
        task: the transfer.
        ledger: where its end and its receipt are noted.
        created: when it was accepted.
        key: signs the receipt.
        observe: is told when the transfer has ended.
    """

    def __init__(
        self, task: Task, ledger: Ledger, created: datetime, key: SigningKey, observe: Callable[[EventKind, str], None]
    ) -> None:
        self._task = task
        self._key = key
        self._observe = observe
        self._ledger = ledger
        self._created = created

    def of(self, task: Task) -> Accounting:
        """The same for the transfer with other files."""
        return Accounting(task, self._ledger, self._created, self._key, self._observe)

    async def settle(self, known: Known, ending: Ending) -> StepResult:
        """Gives every row its outcome, and keeps the new snapshot. Answers rows by reason, and its members."""
        settled = await self._settled(known, ending)
        if not self._task.further:
            return settled
        settled["by_source"] = await in_background(counts_by_source, self._task.workspace, self._task.relations)
        return settled

    async def _settled(self, known: Known, ending: Ending) -> StepResult:
        if known.planned is None or known.changes is None:
            settled = await settle_early(self._task, known.rows_read, known.chunks, ending.not_sent)
            return settled | {"snapshot_members": known.planned.snapshot_members if known.planned else 0}
        delivery = Delivery(
            rows_read=known.rows_read,
            claiming=known.claiming,
            delivered=known.delivered,
            not_sent=ending.not_sent,
        )
        if self._task.request.dry_run:
            seen = await preview(self._task, known.planned, delivery, OUTCOMES)
            return seen | {"snapshot_members": known.planned.snapshot_members}
        return await settle(self._task, known.planned, delivery)

    async def receipt(self, known: Known, ending: Ending, settled: StepResult) -> StepResult:
        """Writes the receipt, and with it ends the transfer."""
        await asyncio.to_thread(self._end, known, ending, settled)
        return {}

    def _end(self, known: Known, ending: Ending, settled: StepResult) -> None:
        task = self._task
        transfer = self._ledger.transfer(task.id)
        account = Account(
            state=ending.state,
            created=self._created,
            rows_read=known.rows_read,
            source_complete=known.source_complete,
            outcomes=outcome_counts(cast("dict[str, int]", settled["reasons"])),
            removals=_removals(known),
            members_before=known.planned.snapshot_members if known.planned else 0,
            members_after=cast("int", settled["snapshot_members"]),
            content_hash=task.chunks.content_hash(Stage.EXTRACT, known.chunks),
            holds=transfer.holds if transfer else (),
            by_source=cast("dict[str, dict[str, int]]", settled.get("by_source", {})),
        )
        if cast("dict[str, int]", settled["reasons"]).get(Reason.ERASED_ID):
            empty_erased(task.workspace, task.relations)
        # Before the end is noted: from then on outcomes are read, in the scratch directory that goes with these.
        task.workspace.forget_intermediates()
        fail_points.reached("before receipt")
        self._ledger.end(
            task.id,
            ending.state,
            account.outcomes,
            signed_receipt(task, account, self._key),
            ending.failure,
            arriving=_arriving(task, known.planned),
        )
        fail_points.reached("after receipt")
        self._observe(EventKind.TRANSFER_ENDED, task.id)


def _arriving(task: Task, planned: Plan | None) -> Arriving | None:
    """The delivery, if something was delivered and the connector can say how it arrives."""
    if planned is None or not planned.arrival_stages:
        return None
    certain = [write.time for write in task.chunks.writes() if not write.in_doubt]
    connection = task.request.destination.connection
    return begun(task.id, connection, planned.arrival_stages, max(certain)) if certain else None


def _removals(known: Known) -> RemovalCount:
    if known.planned is None or known.changes is None:
        return RemovalCount()
    return removal_count(known.changes.leavers, known.delivered.removed, supported=known.planned.removes)


def end_unbegun(task: Task, ledger: Ledger, ending: Ending, created: datetime, key: SigningKey) -> bool:
    """Ends a transfer that has not begun, with a receipt of no rows; False if it has begun or ended."""
    account = Account(
        state=ending.state,
        created=created,
        rows_read=0,
        source_complete=False,
        outcomes=outcome_counts({}),
        removals=RemovalCount(),
        members_before=0,
        members_after=0,
        content_hash=task.chunks.content_hash(Stage.EXTRACT, 0),
    )
    return ledger.end_unbegun(task.id, ending.state, signed_receipt(task, account, key), account.outcomes)
