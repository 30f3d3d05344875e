"""What jobs of tests leave behind, and waiting for it."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from audience_gateway.jobs.engine import StepResult, Submission

_numbers = itertools.count(1)


def submission(job_id: str, *, queue: str = "q", partition: str = "p", priority: int = 10) -> Submission:
    return Submission(job_id=job_id, queue=queue, partition=partition, priority=priority, number=next(_numbers))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # set by another thread or process
            await asyncio.sleep(0.01)


def noted(notes: list[str], note: str, answer: int = 0) -> Callable[[], Awaitable[StepResult]]:
    """A step that leaves a note."""

    async def step() -> StepResult:
        notes.append(note)
        return {"answer": answer}

    return step


class Gate:
    """A step that leaves a note when it begins, and ends when it is let through."""

    def __init__(self, notes: list[str], note: str) -> None:
        self._notes = notes
        self._note = note
        self._entered = asyncio.Event()
        self._open = asyncio.Event()

    async def __call__(self) -> StepResult:
        self._notes.append(self._note)
        self._entered.set()
        await self._open.wait()
        return {}

    async def entered(self) -> None:
        """Waits until a job has come to it."""
        await asyncio.wait_for(self._entered.wait(), 30)

    def open(self) -> None:
        """Lets jobs through."""
        self._open.set()
