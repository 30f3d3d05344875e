"""Lets a transfer that the guard holds back wait, without a thread or a place, and ends the wait of older ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from audience_gateway.jobs.engine import StepResult, Stopped
from audience_gateway.sdk import EventKind
from audience_gateway.transfers.hold_ledger import HoldLedger, Verdict
from audience_gateway.transfers.holds import Finding, Hold
from audience_gateway.transfers.model import OutcomeCount
from audience_gateway.transfers.task import Task


class Jobs(Protocol):
    """Jobs that can be halted."""

    async def halt(self, job_id: str) -> None:
        """Lets a job begin no further step."""
        ...

    async def resume(self, job_id: str) -> None:
        """Lets a halted job go on; others stay as they are."""
        ...


class Holding:
    """Holds one transfer back.

    Args:
        task: the transfer.
        ledger: where that is noted.
        jobs: its job, among others.
        wait: how long it waits to be released.
        observe: is told that it waits.
    """

    def __init__(
        self, task: Task, ledger: HoldLedger, jobs: Jobs, wait: timedelta, observe: Callable[[EventKind, str], None]
    ) -> None:
        self._task = task
        self._ledger = ledger
        self._jobs = jobs
        self._wait = wait
        self._observe = observe

    async def hold(
        self, number: int, findings: tuple[Finding, ...], snapshot_version: int, outcomes: tuple[OutcomeCount, ...]
    ) -> StepResult:
        """Holds it back, unless that is over. Answers how that ended, and the snapshot that was compared with.

        Raises Stopped while it waits, so that nothing is kept, and it is looked again when the job goes on.
        """
        transfer, began, deadline = self._task.id, self._task.now(), self._task.request.deadline
        expires = min(began + self._wait, deadline) if deadline else began + self._wait
        hold = Hold(findings=findings, snapshot_version=snapshot_version, began=began, expires=expires)
        if await asyncio.to_thread(self._ledger.withhold, transfer, number, hold, outcomes):
            self._observe(EventKind.TRANSFER_WITHHELD, transfer)
        verdict, kept = await self._verdict(number)
        if verdict is Verdict.WAITS:
            await self._jobs.halt(transfer)
            if (await self._verdict(number))[0] is not Verdict.WAITS:  # its end came before the halt
                await self._jobs.resume(transfer)
            raise Stopped
        if verdict is Verdict.HALTED:
            raise Stopped
        return {"verdict": verdict.name, "snapshot_version": (kept or hold).snapshot_version}

    async def note(self, findings: tuple[Finding, ...], snapshot_version: int) -> StepResult:
        """Notes that it would be held back."""
        hold = Hold(findings=findings, snapshot_version=snapshot_version, began=self._task.now())
        await asyncio.to_thread(self._ledger.note, self._task.id, hold)
        return {}

    async def lapsed(self, number: int) -> bool:
        """Whether a newer one took its place after it was released."""
        return (await self._verdict(number))[0] is Verdict.LAPSED

    async def supersede(self) -> StepResult:
        """Ends the wait of older transfers of the same source to the same destination. Answers how many they were.

        Changes take the place of nobody: they are refused while older ones wait.
        """
        if self._task.request.mode.takes_changes:
            return {"superseded": 0}
        older = await asyncio.to_thread(self._ledger.supersede, self._task.request, self._task.id)
        for transfer in older:
            await self._jobs.resume(transfer)
        return {"superseded": len(older)}

    async def _verdict(self, number: int) -> tuple[Verdict, Hold | None]:
        return await asyncio.to_thread(self._ledger.verdict, self._task.id, number)
