"""External audiences of the gateway's own, by the id that it chose for them.

The platform ingests ten files into an audience and no more (rtcdp 1.7). So an audience of the gateway, `gold`, is one
or more of the platform's: `gold`, then `gold$2`, `gold$3`; the newest is the one in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from audience_gateway_rtcdp.audiences import PlatformAudience, name_of

_CHOSEN = re.compile(r"(?P<base>[A-Za-z][A-Za-z0-9_]*)(?:\$(?P<number>[1-9][0-9]{0,5}))?")
"""Ids that the platform takes from clients begin with a letter, `_` or `$`; the gateway's begin with a letter."""


def may_be_base(name: str) -> bool:
    """Whether an external audience of the gateway may have this name."""
    match = _CHOSEN.fullmatch(name)
    return match is not None and match["number"] is None


def chosen_id(base: str, number: int) -> str:
    """The id of a generation, which begin with 1."""
    return base if number == 1 else f"{base}${number}"


def number_of(audience: PlatformAudience) -> int:
    """Which generation it is."""
    match = _CHOSEN.fullmatch(audience.audience_id)
    return int(match["number"] or 1) if match else 1


@dataclass(frozen=True, slots=True)
class Generations:
    """Tells the gateway's own audiences from others; ids that makers chose are unique in a namespace only.

    Attributes:
        namespace: of the gateway's own audiences.
    """

    namespace: str

    def base_of(self, audience: PlatformAudience) -> str:
        """What the gateway calls an external audience of its namespace whose maker chose its id; empty for others."""
        match = _CHOSEN.fullmatch(audience.audience_id)
        own = audience.is_external and audience.audience_id != audience.id
        return match["base"] if own and match and audience.namespace.lower() == self.namespace.lower() else ""

    def newest_of(self, audiences: Iterable[PlatformAudience]) -> list[PlatformAudience]:
        """Audiences without those that a newer generation has taken the place of."""
        newest: dict[str, PlatformAudience] = {}
        for audience in audiences:
            key = self.base_of(audience) or name_of(audience.id)
            if key not in newest or number_of(audience) > number_of(newest[key]):
                newest[key] = audience
        return list(newest.values())
