"""Ids in clear instead of fingerprints: for callers who have the right, and noted each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import grpc.aio

from audience_gateway.api.rights import Right, Rights
from audience_gateway.transfers.service import OutcomeQuery


@dataclass(frozen=True, slots=True)
class Reveal:
    """A caller was allowed to see ids. Holds none itself.

    Attributes:
        caller: name of the caller.
        query: which rows it asked for.
    """

    caller: str
    query: OutcomeQuery


@dataclass(frozen=True, slots=True)
class Revealing:
    """Decides whether a query may be answered with ids.

    Attributes:
        rights: who may see them.
        note: is told of each time that somebody may, before anything is read.
    """

    rights: Rights
    note: Callable[[Reveal], None]

    async def allowed(
        self, query: OutcomeQuery, context: grpc.aio.ServicerContext[Any, Any], *, asked: bool
    ) -> OutcomeQuery:
        """The query, with ids if they are asked for. Raises NotPermitted if the caller may not see them."""
        if not asked:
            return query
        caller = await self.rights.claim(Right.REVEAL_IDS, context)
        self.note(Reveal(caller, query))
        return replace(query, reveal_ids=True)
