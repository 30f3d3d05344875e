"""The durable steps of one transfer: tried again when a system failed in passing, given up when the transfer ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from audience_gateway import fail_points
from audience_gateway.jobs.engine import StepResult, Steps
from audience_gateway.transfers.ending import Ending, EndsEarly, failed
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.full_disk import waiting_for_room
from audience_gateway.transfers.retries import RetryPolicy, retrying
from audience_gateway.transfers.task import Task

Step = Callable[[], Awaitable[StepResult]]


class TransferSteps:
    """Runs steps durably. How a step ended is part of its result, so that a resumed job sees the same."""

    def __init__(self, task: Task, steps: Steps, policy: RetryPolicy) -> None:
        self._task = task
        self._steps = steps
        self._policy = policy

    def run(self, name: str, step: Step, clean_up: Callable[[], Awaitable[None]] | None = None) -> StepResult:
        """Runs a step, unless the transfer is cancelled or overdue. Raises EndsEarly then, and when it fails."""
        return self._run(name, step, clean_up or _nothing, self._task.heed)

    def finish(self, name: str, step: Step) -> StepResult:
        """Runs a step that also a transfer that ends has to make. Raises EndsEarly when it fails."""
        return self._run(name, step, _nothing, _nothing)

    def _run(
        self,
        name: str,
        step: Step,
        clean_up: Callable[[], Awaitable[None]],
        before: Callable[[], Awaitable[None]],
    ) -> StepResult:
        async def patient() -> StepResult:
            return await waiting_for_room(step, clean_up, before)

        async def guarded() -> StepResult:
            try:
                result = await retrying(patient, self._policy, clean_up, before)
            except EndsEarly as early:
                result = early.ending.record()
            except Exception as error:  # noqa: BLE001  # every error ends the transfer with a failure that says so
                result = failed(failure(error)).record()
            if "ending" in result:
                await clean_up()
            fail_points.reached("before commit")
            return result

        result = self._steps.run(name, guarded)
        fail_points.reached("after commit")
        ending = Ending.of(result)
        if ending is not None:
            raise EndsEarly(ending)
        return result


async def _nothing() -> None:
    return
