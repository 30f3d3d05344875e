"""What the stub is told to do with its next calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How one call is answered.

    Attributes:
        on: which calls: `add`, `remove`, `find` or `members`.
        status: status of the answer.
        retry_after: its header `Retry-After`, as it is sent; None for none.
        commit: whether the call has its effect, whatever is answered.
        refuse_every: of the members each one at a multiple of this position is refused; 0 for none.
        order: whether what is said of members comes in the order `given` or `reversed`.
        entries: whether the answer has one entry a member, instead of naming those that were refused.
        miscount: is added to the number accepted.
        body: what is answered instead of an account; None for the account.
        cut: `before` a byte of the answer, or in the `middle` of it, the connection is cut; None for neither.
        silent: whether nothing is answered for as long as the stub runs.
        seconds: how long the call takes.
    """

    on: str = "add"
    status: int = 200
    retry_after: str | None = None
    commit: bool = True
    refuse_every: int = 0
    order: str = "given"
    entries: bool = False
    miscount: int = 0
    body: str | None = None
    cut: str | None = None
    silent: bool = False
    seconds: float = 0.0

    def refused(self, members: Sequence[str]) -> list[str]:
        """The members that are refused."""
        return list(members[:: self.refuse_every]) if self.refuse_every else []

    def account(self, members: Sequence[str]) -> dict[str, Any]:
        """What is answered about these members."""
        refused = self.refused(members)
        if self.entries:
            codes = dict.fromkeys(refused, "E1")
            return {"entries": self._ordered([{"member": one, "code": codes.get(one)} for one in members])}
        return {
            "accepted": len(members) - len(refused) + self.miscount,
            "refused": self._ordered([{"member": one, "code": "E1"} for one in refused]),
        }

    def _ordered(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows[::-1] if self.order == "reversed" else rows


@dataclass(slots=True)
class Script:
    """Replies that are still to be given, for each kind of call in the order of the script."""

    _replies: dict[str, deque[Reply]] = field(default_factory=dict)

    def tell(self, reply: Mapping[str, Any]) -> None:
        """Takes a reply in; `times` of it says how often it is given."""
        values = dict(reply)
        times = int(values.pop("times", 1))
        told = Reply(**values)
        self._replies.setdefault(told.on, deque()).extend([told] * times)

    def next(self, kind: str) -> Reply:
        """The reply to a call of a kind."""
        waiting = self._replies.get(kind)
        return waiting.popleft() if waiting else Reply(on=kind)

    def left(self) -> int:
        """Replies that no call has come for."""
        return sum(len(waiting) for waiting in self._replies.values())

    def forget(self) -> None:
        """Drops what is left."""
        self._replies.clear()
