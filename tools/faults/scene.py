"""What every scenario has: gateways, people that they share, and the account of what was survived."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from oracle import Verdict
from people import People
from results import Results
from world import World


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene.

    Attributes:
        world: the gateways.
        people: who is shared.
        undisturbed: the receipt of an undisturbed share of them.
        results: takes what was survived.
        chance: decides what is left to it.
    """

    world: World
    people: People
    undisturbed: dict[str, Any]
    results: Results
    chance: random.Random

    def note(self, fault: str, verdict: Verdict | None) -> None:
        """Notes what became of a transfer that met a fault; None is for one that ended before."""
        self.results.expect(fault)
        if verdict is not None:
            self.results.add(fault, 1, verdict)
