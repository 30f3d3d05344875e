"""The suppression list and erasures as the API is put in front of, kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from audience_gateway.erasures.model import (
    OWN_FILES,
    Asked,
    Erasure,
    ErasureNotFound,
    Place,
    Target,
    TargetState,
)
from audience_gateway.sdk import Reason
from audience_gateway.suppression.model import IdsOfPeople, RefusedId, Suppression, SuppressionKind
from audience_gateway.suppression.service import Suppressed
from audience_gateway.transfers.model import AudienceRef, Failure
from audience_gateway.transfers.receipt import SignedText
from audience_gateway.transfers.signing import Signature

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass
class Suppressing:
    """Takes any id but the empty one, which is none, and keeps what it was told."""

    told: list[tuple[IdsOfPeople, tuple[str, ...]]] = field(default_factory=list)
    lifted: list[SuppressionKind] = field(default_factory=list)

    async def suppress(self, people: IdsOfPeople, purposes: Sequence[str] = (), *, request_id: str = "") -> Suppressed:
        self.told.append((people, tuple(purposes)))
        refused = [RefusedId(index, "cards", Reason.NO_ID) for index, one in enumerate(people.ids) if not one]
        return Suppressed(len(people.ids) - len(refused), tuple(refused))

    async def unsuppress(
        self, people: IdsOfPeople, purposes: Sequence[str], kind: SuppressionKind, *, request_id: str = ""
    ) -> Suppressed:
        self.lifted.append(kind)
        return await self.suppress(people, purposes)

    async def list(self, *, data_source: str, after: str, limit: int) -> Sequence[Suppression]:
        values = {"data_source": "cards", "purposes": ("mail",), "time": NOON, "request": "r"}
        entries = [Suppression(key=f"key-{number}", kind=SuppressionKind.OPT_OUT, **values) for number in range(5)]
        return [one for one in entries if f"{one.key}/{one.kind}" > after][:limit]


@dataclass
class Erasing:
    """Erases any id but the empty one, at one audience that is down."""

    told: list[IdsOfPeople] = field(default_factory=list)

    async def erase(self, people: IdsOfPeople, *, request_id: str = "") -> Asked:
        self.told.append(people)
        refused = [RefusedId(index, "cards", Reason.NO_ID) for index, one in enumerate(people.ids) if not one]
        entered = len(refused) < len(people.ids)
        return Asked(await self.get("one") if entered else None, tuple(refused))

    async def get(self, erasure: str) -> Erasure:
        if erasure == "unknown":
            raise ErasureNotFound(erasure)
        shared = {"erasure": erasure, "updated": NOON}
        receipt = SignedText('{"state":"done"}', Signature("key", b"s" * 64))
        own = Target(**shared, number=0, place=OWN_FILES, state=TargetState.DONE, next_look=None, receipt=receipt)
        place, down = Place(AudienceRef("corner", "gold"), "cards"), Failure("TRANSIENT", "it is down")
        there = Target(**shared, number=1, place=place, transfer="t", failure=down, next_look=NOON)
        return Erasure(id=erasure, keys=2, data_sources=("cards",), targets=(own, there), created=NOON)

    async def list(self, *, after: str, limit: int) -> Sequence[Erasure]:
        names = [name for name in ("a", "b", "c") if name > after]
        return [await self.get(name) for name in names[:limit]]
