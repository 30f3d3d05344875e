"""Rows of Campaign's recipients."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from audience_gateway_sandbox.seeding.moments import moment, some_moment
from audience_gateway_sandbox.seeding.names import FAMOUS, FIRST_NAMES, LAST_NAMES
from audience_gateway_sandbox.seeding.population import Population

COLUMNS = ("id", "email", "firstName", "lastName", "mobilePhone", "blackList", "folder_id", "created", "lastModified")
Row = tuple[int, str, str, str, str, int, int, str, str]
FOLDER = 1
_PHONES = 10_000_000


def recipient_rows(population: Population) -> Iterator[Row]:
    """Make all recipients in order of their ids, with the values of COLUMNS."""
    random = population.random("recipients")
    opted_out = frozenset(population.opted_out)
    created = moment(0)
    for recipient in population.recipients:
        first, last, email = _person(population, recipient, random)
        phone = f"+4479{random.randrange(_PHONES):08}"
        yield recipient, email, first, last, phone, int(recipient in opted_out), FOLDER, created, some_moment(random)


def _person(population: Population, recipient: int, random: Random) -> tuple[str, str, str]:
    position = recipient - population.recipients.start
    if position < len(FAMOUS):
        person = FAMOUS[position]
        return person.first_name, person.last_name, person.email
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    if recipient in population.without_email:
        return first, last, ""
    email = _email(first, last, recipient)
    return first, last, _oddly(email, recipient) if recipient in population.odd_email else email


def _email(first: str, last: str, recipient: int) -> str:
    name = f"{first}.{last}".lower().translate(_PLAIN)
    return f"{name}.{recipient}@example.org"


def _oddly(email: str, recipient: int) -> str:
    return f" {email} " if recipient % 2 else email.title()


_PLAIN = str.maketrans({"é": "e", "í": "i", "ä": "a", "'": None})
