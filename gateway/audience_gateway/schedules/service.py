"""What the API asks of schedules, and what schedules ask of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from audience_gateway.schedules.model import Definition, Overview, Run
from audience_gateway.transfers.model import Transfer


class ScheduleNotFound(LookupError):
    """There is no schedule of that name."""


class ScheduleExists(Exception):
    """There is a schedule of that name already."""


class ScheduleChanged(Exception):
    """The schedule was changed since its etag was read."""


class UnusableField(ValueError):
    """A field of a definition has a value that means nothing.

    Attributes:
        field: name of the field.
    """

    def __init__(self, field: str, finding: str) -> None:
        super().__init__(finding)
        self.field = field


class UnfinishedTransfers(Protocol):
    """Knows which transfers have not ended."""

    def unfinished(self, *, schedule: str = "") -> Sequence[Transfer]:
        """Transfers of a schedule that have not ended, the oldest first."""
        ...


class ScheduleService(Protocol):
    """Creates, changes and runs schedules. With the request id of an earlier call, a call changes nothing more."""

    async def create(self, name: str, definition: Definition, *, request_id: str = "") -> Overview:
        """Creates a schedule. Raises ScheduleExists, UnusableField, ConfigError for names that are not configured."""
        ...

    async def get(self, name: str) -> Overview:
        """One schedule. Raises ScheduleNotFound."""
        ...

    async def list(self, *, after: str = "", limit: int) -> list[Overview]:
        """Schedules, ordered by name, behind the one of the name `after`."""
        ...

    async def update(
        self, name: str, change: Callable[[Definition], Definition], *, etag: str = "", request_id: str = ""
    ) -> Overview:
        """Changes what a schedule does; its runs are kept.

        Args:
            name: the schedule.
            change: from what it does to what it is to do; raises what it likes, and may be called again.
            etag: of the schedule that the change is based on; empty for any.
            request_id: of the request.

        Raises:
            ScheduleNotFound: there is none.
            ScheduleChanged: the schedule has another etag.
            UnusableField: of what it is to do.
            ConfigError: for names that are not configured.
        """
        ...

    async def delete(self, name: str) -> None:
        """Deletes a schedule and what is noted of its runs; transfers go on. Raises ScheduleNotFound."""
        ...

    async def pause(self, name: str) -> Overview:
        """Lets no further run begin. Raises ScheduleNotFound."""
        ...

    async def resume(self, name: str) -> Overview:
        """Lets runs begin again, those that are due from now on. Raises ScheduleNotFound."""
        ...

    async def run(self, name: str, *, request_id: str = "") -> Run:
        """Starts a run now, whatever the overlap policy, also of a paused schedule.

        Raises ScheduleNotFound, and what starting a transfer raises.
        """
        ...
