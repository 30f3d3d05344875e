"""Who was logged in last on which device."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Logins: TypeAlias = Mapping[int, Sequence[int]]
"""By device: the customers, one of each data source at most."""

_LAST = """
SELECT device, other FROM (
    SELECT device, other, row_number() OVER (
        PARTITION BY device, source ORDER BY authenticated DESC, other DESC) AS place
    FROM link WHERE authenticated > 0
        AND (:sources IS NULL OR source IN (SELECT value FROM json_each(:sources)))
        AND (:only IS NULL OR device IN (SELECT value FROM json_each(:only))))
WHERE place = 1
"""


def last_logins(db: sqlite3.Connection, sources: Sequence[int], only: Iterable[int] | None = None) -> Logins:
    """Tell who was logged in last.

    Args:
        db: the tables.
        sources: data sources of customers; none for all.
        only: devices to look at; None for all.
    """
    found: dict[int, list[int]] = defaultdict(list)
    parameters = {"sources": json_list(sources) if sources else None, "only": None if only is None else json_list(only)}
    for device, customer in db.execute(_LAST, parameters):
        found[device].append(customer)
    return found


def devices_by_customer(logins: Logins) -> Mapping[int, Sequence[int]]:
    """Turn logins round: the devices of each customer."""
    found: dict[int, list[int]] = defaultdict(list)
    for device, customers in logins.items():
        for customer in customers:
            found[customer].append(device)
    return found


def json_list(numbers: Iterable[int]) -> str:
    """Write numbers as a statement takes many of them."""
    return f"[{','.join(map(str, numbers))}]"
