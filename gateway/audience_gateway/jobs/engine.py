"""What the core asks of a job engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What steps answer: counts and names of chunks, never an id of a person."""

StepResult: TypeAlias = dict[str, Json]


class Steps(Protocol):
    """Runs the steps of one job."""

    def run(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        """Runs a step on the engine's event loop and keeps its result; a step whose result is kept is not run again.

        A step whose process died before its result was kept runs again: it must be safe to repeat. So does one that
        raised: nothing is kept of it. Steps of one job must come in the same order in every run of it.
        Raises what the step raises; Stopped if the job is not to go on here.
        """
        ...

    def still_ours(self) -> None:
        """Raises Stopped if another process may have taken the job over; cheap: to be asked right before each write."""
        ...


Job: TypeAlias = Callable[[str, Steps], None]
"""A job: gets its id and its steps, runs in a thread of the engine, and calls nothing with effects outside of steps."""


class Stopped(BaseException):
    """The job goes on later or elsewhere: the engine stops, or the job was halted or taken over.

    No Exception, so that no job takes it for its own failure.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A job for the engine.

    Attributes:
        job_id: its id; a second job of the same id is not run.
        queue: queue that it waits in: each queue has places of its own, so that one that is stuck slows no other.
        partition: jobs of one partition of a queue never run side by side.
        priority: of the jobs waiting in a partition the one with the lowest number begins first, 1 to 20.
        number: of those of the same priority the one with the lowest number does; counts what was accepted.
    """

    job_id: str
    queue: str
    partition: str
    priority: int = 10
    number: int = 0


class JobEngine(Protocol):
    """Runs jobs: one after the other in each partition, partitions and queues side by side."""

    @property
    def schedules(self) -> JobSchedules:
        """Its schedules, once it is launched."""
        ...

    async def launch(self) -> None:
        """Starts the engine on the running loop; jobs that were under way go on."""
        ...

    async def submit(self, submission: Submission) -> None:
        """Takes a job in."""
        ...

    async def halt(self, job_id: str) -> None:
        """Lets the job begin no further step; its step under way ends, but whether its result is kept is open.

        A job that has not begun does not begin. A job that has ended, and an unknown one, stay as they are.
        """
        ...

    async def resume(self, job_id: str) -> None:
        """Lets a halted job go on behind its last kept step, in its queue and partition; others stay as they are."""
        ...

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Drops what is kept of jobs that have ended or are halted."""
        ...

    async def stop(self) -> None:
        """Stops; steps under way are given up and run again after the next launch, or by another process."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSchedule:
    """When something is to happen again and again.

    Attributes:
        name: its name.
        cron: cron expression of five fields, or of six with seconds first.
        time_zone: IANA name of the time zone that the expression is in.
        context: what the occurrence is told; no personal data.
        catch_up: whether occurrences that were due while no process was running are made up for.
        paused: whether nothing happens.
        last_fired: when it last happened by itself; None if it never did.
    """

    name: str
    cron: str
    time_zone: str = "UTC"
    context: StepResult
    catch_up: bool = False
    paused: bool = False
    last_fired: datetime | None = None


Occurrence: TypeAlias = Callable[[str, datetime, StepResult, Steps], None]
"""What happens: gets the schedule's name, the time that was due in UTC, the context, and steps, as a job does."""


class JobSchedules(Protocol):
    """The schedules of an engine. Every occurrence happens once, however many processes there are."""

    async def put(self, schedule: JobSchedule) -> None:
        """Enters a schedule, or replaces the one of its name; `last_fired` is left as it was.

        Raises ValueError for an expression or a time zone that there is not.
        """
        ...

    async def get(self, name: str) -> JobSchedule | None:
        """One schedule."""
        ...

    async def list(self) -> list[JobSchedule]:
        """All schedules, ordered by name."""
        ...

    async def delete(self, name: str) -> None:
        """Drops a schedule, if there is one."""
        ...

    async def trigger(self, name: str) -> None:
        """Lets it happen now, also if it is paused. Raises KeyError if there is no such schedule."""
        ...
