"""The audience that the People core service shares each day, line by line and by kind of line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from audience_gateway_sandbox.seeding.population import Population
from audience_gateway_sandbox.seeding.visitor_ids import malformed_line, visitor_id

SEGMENT_ID = 24
TRAIT_ID = 1024
DESTINATION_ID = 4711
DATA_SOURCE_ID = 38888
OTHER_SEGMENT_ID = 25
_SEGMENT_LISTS = (f"{SEGMENT_ID}", f"{SEGMENT_ID},{OTHER_SEGMENT_ID}", f"{OTHER_SEGMENT_ID},{SEGMENT_ID}")


@dataclass(frozen=True, slots=True)
class AudienceDay:
    """Who is in the audience on one day. Kinds of lines do not overlap but for the repeated lines.

    Attributes:
        day: days since the seeding.
        singles: recipients that are there by their only Visitor ID.
        joiners: those of the singles that were not there the day before.
        leavers: those singles of the day before that are not there any more.
        malformed: lines that cannot stand for anybody, and why.
        lines: the whole file in its order, without line ends; some lines are only of other segments.
    """

    day: int
    singles: Sequence[int]
    joiners: Sequence[int]
    leavers: Sequence[int]
    malformed: Sequence[tuple[bytes, str]]
    lines: Sequence[bytes]

    @property
    def malformed_reasons(self) -> Counter[str]:
        """Count the malformed lines by reason."""
        return Counter(reason for _, reason in self.malformed)


def audience_of(population: Population, day: int) -> AudienceDay:
    """Make the audience of a day: the singles in it move on by some recipients a day, all other lines stay."""
    sizes = population.sizes
    first = day * sizes.changes
    singles = _window(population.singles, first, sizes.single_lines)
    leavers = _window(population.singles, first - sizes.changes, sizes.changes)
    joiners = singles[len(singles) - sizes.changes :]
    malformed = _malformed(population)
    ids = [population.visitor_ids[recipient] for recipient in singles] + _lasting_ids(population)
    random = population.random(f"day {day}")
    good = [f"{id_}\t{random.choice(_SEGMENT_LISTS)}".encode() for id_ in ids]
    others = [f"{population.visitor_ids[left]}\t{OTHER_SEGMENT_ID}".encode() for left in leavers[::2]]
    lines = good + random.sample(good, sizes.repeated_lines) + [line for line, _ in malformed] + others
    random.shuffle(lines)
    return AudienceDay(day, singles, joiners if day else singles, leavers if day else (), malformed, lines)


def _window(recipients: Sequence[int], first: int, size: int) -> list[int]:
    return [recipients[position % len(recipients)] for position in range(first, first + size)]


def _malformed(population: Population) -> list[tuple[bytes, str]]:
    random = population.random("malformed lines")
    return [malformed_line(random, kind, SEGMENT_ID) for kind in range(population.sizes.malformed_lines)]


def _lasting_ids(population: Population) -> list[str]:
    sizes = population.sizes
    random = population.random("unknown ids")
    doubles = population.doubles[: sizes.double_lines]
    return [
        *(population.visitor_ids[recipient] for recipient in doubles),
        *(population.second_ids[recipient] for recipient in doubles),
        *(shared.visitor_id for shared in population.shared[: sizes.shared_lines]),
        *(population.visitor_ids[recipient] for recipient in population.opted_out[: sizes.opted_out_lines]),
        *(visitor_id(random) for _ in range(sizes.unknown_lines)),
    ]
