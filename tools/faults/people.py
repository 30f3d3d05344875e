"""Files of people to share: ids that are once there, and every kind of row that is no member."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

# Of each hundred rows, those at these places are something else than a new id.
_TWICE = {96, 97, 98}
_OTHERS = {93: "not-set", 94: "with:colon", 95: ""}


@dataclass(frozen=True, slots=True)
class People:
    """A file of people.

    Attributes:
        audience: its name.
        ids: what stands in its rows, in their order.
        members: the ids that a destination is to hold in the end.
    """

    audience: str
    ids: tuple[str, ...]
    members: frozenset[str]

    def members_of(self, rows: list[int]) -> set[str]:
        """The ids in rows, which count from 1."""
        return {self.ids[row - 1] for row in rows}


def write_people(directory: Path, audience: str, first: int, rows: int) -> People:
    """Writes a file whose new ids are numbered from `first` on."""
    ids = tuple(_id(first, row) for row in range(rows))
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / audience).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "id"])
        writer.writerows(enumerate(ids, start=1))
    return People(audience, ids, frozenset(ids) - set(_OTHERS.values()))


def _id(first: int, row: int) -> str:
    place = row % 100
    return _OTHERS.get(place, f"person-{first + row - (50 if place in _TWICE else 0):09d}")
