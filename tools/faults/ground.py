"""What the tracks of a run have in common."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from people import People, write_people
from results import Results
from scene import Scene
from world import Place, World

_CHUNKS_READ, _CHUNKS_DELIVERED = 10, 20


@dataclass(frozen=True, slots=True)
class Ground:
    """The common ground.

    Attributes:
        root: the directory of the run.
        place: settings of a gateway, to be changed by each track.
        people: who is shared.
        seed: of chance.
    """

    root: Path
    place: Place
    people: People
    seed: int

    @classmethod
    def prepare(cls, root: Path, stub: str, rows: int, seed: int) -> Ground:
        """Writes the file of people, for chunks of which a transfer has many."""
        place = Place(
            directory=root,
            files=root / "files",
            stub=stub,
            chunk_rows=rows // _CHUNKS_READ,
            deliver_rows=rows // _CHUNKS_DELIVERED,
        )
        return cls(root, place, write_people(place.files, "people.csv", 0, rows), seed)

    def with_people(self, audience: str, rows: int) -> Ground:
        """The ground with other people."""
        return replace(self, people=self.more_people(audience, 0, rows))

    def more_people(self, audience: str, first: int, rows: int) -> People:
        """Further people, whose new ids are numbered from `first` on."""
        return write_people(self.place.files, audience, first, rows)

    def world(self, name: str, gateways: int = 1, **changes: Any) -> World:  # noqa: ANN401  # fields of a place
        """Gateways with a directory of their own."""
        return World(replace(self.place, directory=self.root / name, **changes), gateways)

    def scene(self, world: World, results: Results) -> tuple[Scene, float]:
        """Starts gateways and lets them share the people once, undisturbed; also says how many seconds that took."""
        begun = time.monotonic()
        world.start_all()
        undisturbed = world.run(world.new_share(self.people, "undisturbed"))
        chance = random.Random(self.seed)  # noqa: S311  # it keeps no secret
        return Scene(world, self.people, undisturbed, results, chance), time.monotonic() - begun
