"""The guard's part of a transfer: looks, holds back, and compares anew where the destination has changed meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import cast

from audience_gateway.jobs.engine import StepResult
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.comparing import compare_all
from audience_gateway.transfers.ending import CANCELLED, Ending
from audience_gateway.transfers.guard import match_finding, removal_findings, shrunken_findings, stale_finding
from audience_gateway.transfers.hold_ledger import Verdict
from audience_gateway.transfers.holding import Holding
from audience_gateway.transfers.holds import Finding, findings, findings_record
from audience_gateway.transfers.index import Indexing
from audience_gateway.transfers.known import Known
from audience_gateway.transfers.match_rate import MatchRate, match_rate
from audience_gateway.transfers.model import TransferState
from audience_gateway.transfers.plan import Plan, plan_again
from audience_gateway.transfers.receipt import outcome_counts
from audience_gateway.transfers.settle import HELD, Delivery, preview
from audience_gateway.transfers.steps import TransferSteps
from audience_gateway.transfers.task import Task


class Guarding:
    """Lets a transfer through, or holds it back until somebody releases it or its wait is over.

    Args:
        task: the transfer.
        steps: its durable steps.
        holding: holds it back.
    """

    def __init__(self, task: Task, steps: TransferSteps, holding: Holding) -> None:
        self.task = task
        """The transfer; after `run` with the files of its last comparison."""
        self._steps = steps
        self._holding = holding

    def run(self, known: Known, planned: Plan, changes: Changes) -> Ending | None:
        """How the transfer ends undelivered; None if it is to be delivered.

        Each round but the first was begun by somebody's release.
        """
        if self.task.request.dry_run:
            return self._would_hold(known, planned, changes)
        number = 0
        while True:
            found = self._look(number, known, planned, changes)
            if number == 0:
                self._steps.run("supersede", self._holding.supersede)
            if not found:
                return None
            held = self._hold(number, found, known, planned)
            ending = _ending(Verdict[str(held["verdict"])], found)
            if ending is not None:
                return ending
            again = self._steps.run(f"plan-again-{number:02d}", partial(self._plan_again, number, planned, held))
            if again["lapsed"]:
                return Ending(TransferState.LAPSED, found[0].reason)
            if number == 0 and known.shrunken:
                self._put_indexes_to_use()
            known.planned = planned = Plan.of(cast("StepResult", again["plan"]))
            if not again["moved"]:
                return None
            anew = replace(self.task, workspace=self.task.workspace.compared_anew(number + 1))
            known.changes = changes = compare_all(self._steps, anew, known, planned, f"-again-{number + 1:02d}")
            self.task = anew
            number += 1

    def _would_hold(self, known: Known, planned: Plan, changes: Changes) -> Ending | None:
        found = self._look(0, known, planned, changes)
        if not found:
            return None
        self._steps.run("would-hold", partial(self._holding.note, found, planned.snapshot_version))
        return Ending(not_sent=found[0].reason)

    def _look(self, number: int, known: Known, planned: Plan, changes: Changes) -> tuple[Finding, ...]:
        async def look() -> StepResult:
            # Only of the first round: what the source is like, whoever has released it has released for good.
            found = await self._source_findings(known, planned) if number == 0 else ()
            if planned.removes:
                found += self._removal_findings(planned, changes)
            return {"findings": findings_record(found)}  # type: ignore[dict-item]

        found = self._steps.run(f"guard-{number:02d}", look)
        return findings(cast("list[list[str]]", found["findings"]))

    async def _source_findings(self, known: Known, planned: Plan) -> tuple[Finding, ...]:
        limits = self.task.guard
        found = shrunken_findings(known.shrunken)
        found += stale_finding(planned.source_refreshed, limits, self.task.now())
        last = await asyncio.to_thread(self.task.last_delivered) if limits.match_points is not None else None
        if last is not None:
            found += match_finding(await match_rate(self.task, known.claiming), MatchRate.of(last.outcomes), limits)
        return found

    def _removal_findings(self, planned: Plan, changes: Changes) -> tuple[Finding, ...]:
        mode, limits = self.task.request.mode, self.task.guard
        return removal_findings(changes, mode, snapshot_members=planned.snapshot_members, limits=limits)

    def _hold(self, number: int, found: tuple[Finding, ...], known: Known, planned: Plan) -> StepResult:
        undelivered = Delivery(
            rows_read=known.rows_read,
            claiming=known.claiming,
            delivered=known.delivered,
            not_sent=found[0].reason,
        )
        seen = self._steps.run(f"preview-{number:02d}", partial(preview, self.task, planned, undelivered, HELD))
        outcomes = outcome_counts(cast("dict[str, int]", seen["reasons"]))
        hold = partial(self._holding.hold, number, found, planned.snapshot_version, outcomes)
        return self._steps.finish(f"hold-{number:02d}", hold)

    def _put_indexes_to_use(self) -> None:
        for number, way in enumerate(self.task.ways):
            self._steps.run(f"use-index-{number}", Indexing(self.task, way, number).put_to_use)

    async def _plan_again(self, number: int, planned: Plan, held: StepResult) -> StepResult:
        if await self._holding.lapsed(number):
            return {"lapsed": True}
        again = await plan_again(self.task, planned)
        moved = again["snapshot_version"] != held["snapshot_version"]
        return {"lapsed": False, "moved": moved, "plan": again}


def _ending(verdict: Verdict, found: tuple[Finding, ...]) -> Ending | None:
    if verdict is Verdict.CANCELLED:
        return CANCELLED
    return Ending(TransferState.LAPSED, found[0].reason) if verdict is Verdict.LAPSED else None
