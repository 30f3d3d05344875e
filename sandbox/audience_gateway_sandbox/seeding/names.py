"""Names of recipients, those of the well-known ones among them."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_NAMES = (
    "Amina", "Boris", "Chloe", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Liam",
    "Maja", "Noah", "Olga", "Pedro", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wanda", "Yusuf", "Zoé",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Bianchi", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haas", "Ivanov", "Jensen", "Kowalski",
    "Laurent", "Moreau", "Novak", "O'Neill", "Petrov", "Quist", "Rossi", "Schäfer", "Tanaka", "Ueda", "Vogel",
    "Weber", "Xu", "Yilmaz", "Zeller",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Famous:
    """A recipient that hand-written files can name."""

    email: str
    first_name: str
    last_name: str
    opted_out: bool = False


FAMOUS = (
    Famous("ada@example.org", "Ada", "Lovelace"),
    Famous("grace@example.org", "Grace", "Hopper"),
    Famous("alan@example.org", "Alan", "Turing"),
    Famous("edsger@example.org", "Edsger", "Dijkstra", opted_out=True),
)
