"""A call of one of the platform's services, its answer, and its refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from multidict import MultiMapping

from audience_gateway_sandbox.platform.storage import Space

_TRUE = frozenset({"true", "1"})
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered with: JSON, or bytes as they are; None for no body."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An error answer; its service gives it its shape.

    Args:
        status: of HTTP.
        message: what is wrong; it repeats no id of a person.
        code: the service's own code; empty where it has none.
        title: a short name of the kind of error, where the service has such names.
        more: further members of the answer.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        title: str = "",
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.title = status, message, code, title
        self.more = dict(more or {})
        self.headers = dict(headers or {})


Shape = Callable[[Refusal, str], dict[str, Any]]
"""Makes the body of an error answer of a refusal and the id of its request."""
Handler = Callable[["Call"], Answer]


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        space: the sandbox of the platform that it is for.
        ids: the variable parts of its path.
        query: its query parameters.
        headers: its headers, by names in small letters.
        body: its JSON, checked; None where the address takes none.
        size: bytes of its body.
        origin: how addresses of the platform begin, as the caller reaches it.
        path: its address without its query.
    """

    space: Space
    ids: Mapping[str, str]
    query: MultiMapping[str]
    headers: Mapping[str, str]
    body: Any
    size: int = 0
    origin: str = ""
    path: str = ""

    def text(self, name: str, default: str = "") -> str:
        """Read a query parameter."""
        return self.query.get(name, default)

    def flag(self, name: str) -> bool:
        """Read a boolean of the query: `true`, `True`, `1` (sandbox 1.3)."""
        return self.query.get(name, "").lower() in _TRUE

    def number(self, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        """Read a number of the query; it is cut to `most`. Raises Refusal if it is none, or below `least`."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER) or int(text) < least:
            raise Refusal(400, f"The query parameter {name} must be a number, at least {least}.", title="InvalidInput")
        return int(text) if most is None else min(int(text), most)

    def required(self, name: str) -> str:
        """Read a query parameter that must be there. Raises Refusal."""
        if not (text := self.query.get(name, "")):
            raise Refusal(400, f"Missing required query parameter - {name}", title="InvalidInput")
        return text
