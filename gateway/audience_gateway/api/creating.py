"""Records that are created where nobody has an id: for callers who have the right, and noted each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc.aio

from audience_gateway.api.rights import Right, Rights


@dataclass(frozen=True, slots=True)
class AskedForRecords:
    """A caller was allowed to have records created.

    Attributes:
        caller: name of the caller.
        subject: by what: the destination of a share, or a schedule.
    """

    caller: str
    subject: str


@dataclass(frozen=True, slots=True)
class Creating:
    """Decides whether a caller may have records created.

    Attributes:
        rights: who may.
        note: is told of each time that somebody may, before anything is done.
    """

    rights: Rights
    note: Callable[[AskedForRecords], None]

    async def allow(self, subject: str, context: grpc.aio.ServicerContext[Any, Any], *, asked: bool) -> None:
        """Raises NotPermitted if records are asked for and the caller may not have them created."""
        if asked:
            self.note(AskedForRecords(await self.rights.claim(Right.CREATE_RECORDS, context), subject))
