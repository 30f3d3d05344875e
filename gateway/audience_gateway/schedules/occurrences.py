"""What happens when a schedule is due: a transfer is started, or it is noted why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import cast

from audience_gateway.jobs.engine import StepResult, Steps
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.model import Overlap, Run, RunResult, run_request_id
from audience_gateway.schedules.service import UnfinishedTransfers
from audience_gateway.schedules.times import superseded
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.model import Failure, ShareRequest, transfer_id_of
from audience_gateway.transfers.records import Record, request, request_record
from audience_gateway.transfers.service import RequestIdReused, TransferNotFound, TransferService, WrongState


class Occurrences:
    """Lets schedules happen, in a thread of the job engine.

    What to do is decided in one step and kept, so that a run that goes on after its process died does what was decided.
    It starts its transfer under a request id that is the same in every repeat.

    Args:
        ledger: the schedules.
        transfers: starts and cancels transfers.
        unfinished: knows those that have not ended.
    """

    def __init__(self, ledger: ScheduleLedger, transfers: TransferService, unfinished: UnfinishedTransfers) -> None:
        self._ledger = ledger
        self._transfers = transfers
        self._unfinished = unfinished

    def __call__(self, name: str, due: datetime, context: StepResult, steps: Steps) -> None:  # noqa: ARG002  # JobEngine
        """What happens when a schedule is due; a run that comes so late that the next one was due is left out."""
        result = steps.run("decide", _caught(partial(self._decide, name, due)))
        if "request" in result:
            asked = request(cast("Record", result["request"]))
            if result["cancel"]:
                result = steps.run("cancel", _caught(partial(self._cancel, asked)))
            if "failure" not in result:
                result = steps.run("start", _caught(partial(self._start, asked)))
        run = _run(due, result)
        if run is not None:
            steps.run("note", partial(self._note, name, run))

    async def _decide(self, name: str, due: datetime) -> StepResult:
        schedule = await asyncio.to_thread(self._ledger.schedule, name)
        begins = datetime.now(UTC)
        if schedule is None or schedule.paused or superseded(schedule.definition, due, begins):
            return {}
        overlap = schedule.definition.overlap
        if overlap is Overlap.SKIP:
            going_on = await asyncio.to_thread(self._unfinished.unfinished, schedule=name)
            if going_on:
                return {"skipped": True}
        asked = schedule.definition.request(name, run_request_id(name, due.astimezone(UTC).isoformat()), begins)
        return {"request": request_record(asked), "cancel": overlap is Overlap.CANCEL_RUNNING}

    async def _cancel(self, asked: ShareRequest) -> StepResult:
        for transfer in await asyncio.to_thread(self._unfinished.unfinished, schedule=asked.schedule):
            try:
                await self._transfers.cancel(transfer.id)
            except (TransferNotFound, WrongState):
                continue  # it has ended meanwhile
        return {}

    async def _start(self, asked: ShareRequest) -> StepResult:
        try:
            return {"transfer": (await self._transfers.start(asked)).id}
        except RequestIdReused:  # it was started, and the gateway's settings have changed since
            return {"transfer": transfer_id_of(asked.request_id)}

    async def _note(self, name: str, run: Run) -> StepResult:
        await asyncio.to_thread(self._ledger.note, name, run)
        return {}


def _caught(step: Callable[[], Awaitable[StepResult]]) -> Callable[[], Awaitable[StepResult]]:
    """The step, with a failure as its result where it raises."""

    async def caught() -> StepResult:
        try:
            return await step()
        except Exception as error:  # noqa: BLE001  # every error is noted with the run that was not started
            return {"failure": dict(asdict(failure(error)))}

    return caught


def _run(due: datetime, result: StepResult) -> Run | None:
    """What is noted of a run; None for one that was left out."""
    if "failure" in result:
        return Run(due, RunResult.REFUSED, failure=Failure(**cast("dict[str, str]", result["failure"])))
    if "skipped" in result:
        return Run(due, RunResult.SKIPPED)
    return Run(due, RunResult.STARTED, str(result["transfer"])) if "transfer" in result else None
