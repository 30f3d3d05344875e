"""An address of the platform: what it takes and answers, for those who call it and for its OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from audience_gateway_sandbox.platform.wire.call import Handler, Shape

JSON = "application/json"


@dataclass(frozen=True)
class Endpoint:
    """One method of one address.

    Attributes:
        method: of HTTP.
        path: its address, `{name}` for variable parts.
        handle: answers a call.
        summary: one sentence.
        answers: the statuses of good answers, each with the type of its body; None for no body.
        refusals: the statuses of error answers that a caller can provoke.
        takes: the type of its JSON body; None for no body.
        query: query parameters by name, each with the kind of its values as OpenAPI names it; `!` after a name for one
            that must be there.
        headers: request headers that it looks at, by name with what for.
        raw: kind of content of good answers that are no JSON; empty where all are.
        largest: bytes of the largest body; 0 for the common limit.
    """

    method: str
    path: str
    handle: Handler = field(repr=False)
    summary: str
    answers: Mapping[int, Any]
    refusals: Sequence[int] = ()
    takes: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    largest: int = 0

    @cached_property
    def body(self) -> TypeAdapter[Any] | None:
        """What checks its bodies."""
        return None if self.takes is None else TypeAdapter(self.takes)


@dataclass(frozen=True, slots=True)
class Service:
    """Addresses that shape their errors alike.

    Attributes:
        name: for the description.
        shape: makes the body of an error answer.
        endpoints: its addresses.
    """

    name: str
    shape: Shape = field(repr=False)
    endpoints: Sequence[Endpoint]
