"""The part of a transfer that creates records for ids that none has, where its request asks for that."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import cast

from audience_gateway.jobs.engine import StepResult
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.create import Creation, join_members, would_create
from audience_gateway.transfers.known import Known
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.steps import TransferSteps
from audience_gateway.transfers.task import Task
from audience_gateway.transfers.unknown_rows import name_unknown


class Creating:
    """Creates records, or says that it would; does nothing in a transfer that does not ask for it.

    Args:
        task: the transfer.
        steps: its durable steps.
    """

    def __init__(self, task: Task, steps: TransferSteps) -> None:
        self._task = task
        self._steps = steps
        self._creation = Creation(task)
        self.close = self._creation.close

    def name(self, known: Known) -> None:
        """Names the rows that are to get records. Raises EndsEarly, as everything here."""
        if self._task.request.create_unknown_records:
            known.unknown = _count(self._steps.run("unknown", partial(name_unknown, self._task)), "rows")

    def pretend(self, known: Known) -> None:
        """Says, for a dry run, that all of them would get one."""
        if known.unknown:
            self._steps.run("would-create", partial(would_create, self._task))

    def run(self, known: Known, planned: Plan, changes: Changes) -> Changes:
        """Creates the records. Answers the changes with those who have got one among the joiners."""
        if not known.unknown:
            return changes
        for number in range(-(-known.unknown // self._task.sizes.deliver_rows)):
            self._steps.run(f"create-{number:05d}", partial(self._creation.chunk, number), self.close)
        self._steps.run("create-end", self._end)
        joined = _count(self._steps.run("join", partial(join_members, self._task, planned, changes)), "joiners")
        known.claiming += joined
        known.changes = replace(changes, joiners=changes.joiners + joined, members=changes.members + joined)
        return known.changes

    async def _end(self) -> StepResult:
        await self.close()
        return {}


def _count(result: StepResult, name: str) -> int:
    return cast("int", result[name])
