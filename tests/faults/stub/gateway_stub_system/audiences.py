"""The audiences of the stub, and how often each member was added to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice


@dataclass(slots=True)
class AudienceState:
    """One audience: who is in it in the order of coming, and how often each was added without being removed."""

    times: dict[str, int] = field(default_factory=dict)

    def add(self, members: Iterable[str]) -> None:
        """Adds members; one that is there already is doubled."""
        for member in members:
            self.times[member] = self.times.get(member, 0) + 1

    def remove(self, members: Iterable[str]) -> None:
        """Removes members, however often they were added."""
        for member in members:
            self.times.pop(member, None)

    def page(self, after: int, limit: int) -> Sequence[str]:
        """Members from a position on."""
        return list(islice(self.times, after, after + limit))

    def summary(self) -> dict[str, object]:
        """Counts, and a digest of the members in the order of their names."""
        digest = hashlib.sha256("".join(f"{member}\n" for member in sorted(self.times)).encode())
        return {
            "members": len(self.times),
            "doubled": sum(times > 1 for times in self.times.values()),
            "sha256": digest.hexdigest(),
        }
