"""What the core asks of a job engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What steps answer: counts and names of chunks, never an id of a person."""

StepResult: TypeAlias = dict[str, Json]


class Steps(Protocol):
    """Runs the steps of one job."""

    def run(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        """Runs a step on the engine's event loop and keeps its result; a step whose result is kept is not run again.

        A step whose process died before its result was kept runs again: it must be safe to repeat.
        Steps of one job must come in the same order in every run of it.
        """
        ...


Job: TypeAlias = Callable[[str, Steps], None]
"""A job: gets its id and its steps, runs in a thread of the engine, and calls nothing with effects outside of steps."""


class Stopped(BaseException):
    """The engine is stopping; the job goes on at its next start. No Exception, so that no job takes it for its own."""


class JobEngine(Protocol):
    """Runs jobs one after the other in each partition, and partitions side by side."""

    async def launch(self) -> None:
        """Starts the engine on the running loop; jobs that were under way go on."""
        ...

    async def submit(self, job_id: str, *, partition: str) -> None:
        """Takes a job in; a second job of the same id is not run."""
        ...

    async def stop(self) -> None:
        """Stops; steps under way are given up and run again after the next launch."""
        ...
