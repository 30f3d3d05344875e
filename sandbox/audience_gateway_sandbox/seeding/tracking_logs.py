"""Rows of Campaign's tracking logs: which recipient was seen with which Visitor ID, and when."""

from __future__ import annotations

from collections.abc import Iterator

from audience_gateway_sandbox.seeding.moments import SPAN, moment
from audience_gateway_sandbox.seeding.population import Population

COLUMNS = ("id", "source_id", "recipient_id", "log_date")
Row = tuple[int, str, int, str]
FIRST_LOG = 5000


def tracking_log_rows(population: Population) -> Iterator[Row]:
    """Make all tracking logs in order of their ids and times, with the values of COLUMNS."""
    sightings = _sightings(population)
    random = population.random("tracking logs")
    repeats = population.sizes.tracking_logs - len(sightings)
    sightings += random.choices(sightings, k=repeats)
    random.shuffle(sightings)
    # Times grow with the ids, as they do in a log; so the two sightings of a shared id are never at the same time.
    step = SPAN // len(sightings)
    for position, (visitor_id, recipient) in enumerate(sightings):
        yield FIRST_LOG + position, visitor_id, recipient, moment(position * step + random.randrange(step))


def _sightings(population: Population) -> list[tuple[str, int]]:
    return [
        *((visitor_id, recipient) for recipient, visitor_id in population.visitor_ids.items()),
        *((visitor_id, recipient) for recipient, visitor_id in population.second_ids.items()),
        *((shared.visitor_id, recipient) for shared in population.shared for recipient in shared.recipients),
    ]
