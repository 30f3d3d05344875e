"""Sample profiles that correspond to Campaign's recipients: their attributes, and which identities are one person's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.seeding import Population
from audience_gateway_sandbox.seeding.recipients import recipient_rows

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient as the platform knows it.

    Attributes:
        recipient: Campaign's id.
        identities: e-mail, trimmed and in small letters, and ECIDs, the primary identity first; perhaps none.
        attributes: the record as XDM, without tier and identity map.
    """

    recipient: int
    identities: tuple[Key, ...]
    attributes: dict[str, Any]


def people(population: Population) -> Iterator[Person]:
    """Make all recipients in order of their ids, those without any identity too."""
    shared = {recipient: each.visitor_id for each in population.shared for recipient in each.recipients}
    for recipient, email, first, last, phone, opted_out, *_ in recipient_rows(population):
        plain = email.strip().lower()
        ecids = (population.visitor_ids.get(recipient), population.second_ids.get(recipient), shared.get(recipient))
        identities = [("Email", plain)] if plain else []
        identities += [("ECID", ecid) for ecid in ecids if ecid is not None]
        yield Person(
            recipient,
            tuple(identities),
            {
                "_sandbox": {"recipientId": recipient},
                "person": {"name": {"firstName": first, "lastName": last}},
                **({"personalEmail": {"address": plain}} if plain else {}),
                "mobilePhone": {"number": phone},
                "consents": {"marketing": {"email": {"val": "n" if opted_out else "y"}}},
            },
        )


def record_of(person: Person, *, gold: bool) -> dict[str, Any]:
    """Make the record of a person on a day."""
    return person.attributes | {"loyalty": {"tier": "gold" if gold else "silver"}}
