"""Rules of which calls go wrong, and how: one in so many calls of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_CODE_LENGTH = len("XXX-999999")
_LONGEST_DELAY = 600
_HTTP_ERRORS = range(400, 600)


class Kind(StrEnum):
    """What happens to a call."""

    EXPIRED_SESSION = "expired_session"
    """The sessions of Campaign and the bearer token of the call end before it is answered."""
    TEXT_403 = "text_403"
    """It is answered with HTTP 403 and plain text."""
    FAULT = "fault"
    """It is answered with a SOAP fault."""
    STATUS = "status"
    """It is answered with an HTTP error and a JSON object."""
    DELAY = "delay"
    """It is answered late."""
    CUT = "cut"
    """The connection is cut before anything is done."""
    REPLY_LOST = "reply_lost"
    """Everything is done and written, then the connection is cut instead of an answer."""
    WRONG_COUNTS = "wrong_counts"
    """The answer of a count is one more than it should be."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which calls go wrong, and how.

    Attributes:
        kind: how.
        path: how the address of the calls begins.
        method: name of a SOAP method, `WriteCollection` or `xtk:session#WriteCollection`; empty for all calls.
        every: one in so many of these calls; the last of each such row.
        skip: so many of these calls pass before the first row begins.
        times: at most so many times; 0 for no end.
        text: of a fault or of plain text; a fault's begins with its code.
        detail: of a fault.
        status: the HTTP error.
        retry_after: seconds of the header `Retry-After` of an HTTP error; -1 for no such header.
        seconds: how late.
    """

    kind: Kind
    path: str = "/"
    method: str = ""
    every: int = 1
    skip: int = 0
    times: int = 0
    text: str = "SOP-330011 Error while executing a method: this fault was asked for."
    detail: str = ""
    status: int = 503
    retry_after: int = -1
    seconds: float = 0.0

    def meets(self, path: str, action: str) -> bool:
        """Tell whether a call is one of these; `action` is its SOAP action, `xtk:session#Write`."""
        return path.startswith(self.path) and (not self.method or self.method in {action, action.rpartition("#")[2]})


def read_rule(values: object) -> Rule:
    """Read a rule as the admin address gets it. Raises ValueError with what is wrong."""
    if not isinstance(values, Mapping) or values.get("kind") not in set(Kind):
        raise ValueError(f"A broken call needs a `kind`, one of {', '.join(Kind)}.")
    for name, value in values.items():
        _check(name, value)
    return Rule(**{**values, "kind": Kind(values["kind"])})


def told(rule: Rule) -> dict[str, Any]:
    """Write a rule as it can be read again."""
    return asdict(rule)


def _check(name: str, value: object) -> None:
    number = isinstance(value, int) and not isinstance(value, bool)
    match name:
        case "kind" | "method" | "detail":
            good = isinstance(value, str)
        case "path":
            good = isinstance(value, str) and value.startswith("/")
        case "text":
            good = isinstance(value, str) and len(value) >= _CODE_LENGTH
        case "every":
            good = number and value >= 1  # type: ignore[operator]  # it is a number
        case "skip" | "times":
            good = number and value >= 0  # type: ignore[operator]  # it is a number
        case "retry_after":
            good = number and value >= -1  # type: ignore[operator]  # it is a number
        case "status":
            good = number and value in _HTTP_ERRORS
        case "seconds":
            good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST_DELAY
        case _:
            raise ValueError(f"A broken call has no `{name}`; it has {', '.join(Rule.__dataclass_fields__)}.")
    if not good:
        raise ValueError(f"`{name}` of a broken call makes no sense.")
