"""Calls of data collection servers: what is said of one user (audience-manager 6, people-and-ids 3.2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import quote

MOST_IDS = 10
MOST_IDS_OF_A_DATA_SOURCE = 3

_SEPARATOR = "%01"  # stands between parts that are encoded already, and is not encoded itself


@dataclass(frozen=True, slots=True)
class CustomerId:
    """An id of a data source.

    Attributes:
        data_source: its number, or its integration code.
        id: the id, not encoded.
        auth_state: 0 unknown, 1 authenticated, 2 logged out.
    """

    data_source: int | str
    id: str
    auth_state: int = 0

    def __str__(self) -> str:
        key = "d_cid" if isinstance(self.data_source, int) else "d_cid_ic"
        parts = (quote(str(self.data_source), safe=""), quote(self.id, safe=""), str(self.auth_state))
        return f"{key}={_SEPARATOR.join(parts)}"


@dataclass(frozen=True, slots=True)
class DcsEvent:
    """What is said of one user. All ids of a call are taken for those of one person.

    Attributes:
        org_id: the organisation.
        traits: what the user is given.
        customer_ids: Declared IDs of the user: at most 10, and 3 of one data source.
        device_id: Experience Cloud ID of the user's device; empty for none.
        asks_for_traits: whether the answer is to name the traits that the user has now.

    Raises ValueError for a user without an id, or with too many of them.
    """

    org_id: str
    traits: tuple[int, ...]
    customer_ids: tuple[CustomerId, ...] = ()
    device_id: str = ""
    asks_for_traits: bool = False

    def __post_init__(self) -> None:
        most = max(Counter(each.data_source for each in self.customer_ids).values(), default=0)
        if len(self.customer_ids) > MOST_IDS or most > MOST_IDS_OF_A_DATA_SOURCE:
            raise ValueError("a call has at most 10 ids, and 3 of one data source")
        if not self.customer_ids and not self.device_id:
            raise ValueError("a call needs an id")

    def form(self) -> str:
        """The call as a form, or as the query of an address."""
        device = [f"d_mid={quote(self.device_id, safe='')}"] if self.device_id else []
        return "&".join(
            [
                "d_rtbd=json",
                "d_jsonv=1",
                f"d_orgid={quote(self.org_id, safe='')}",
                *device,
                *map(str, self.customer_ids),
                f"d_sid={','.join(map(str, self.traits))}",
                *(["d_cts=2"] if self.asks_for_traits else []),
            ]
        )
