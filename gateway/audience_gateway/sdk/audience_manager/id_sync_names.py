"""Names of files that say which ids belong to one user, `adobe_id_0_12345_1476312152.sync` (audience-manager 3.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

AAM_UUID = 0
"""The data source of Audience Manager's own ids."""

_NAME = re.compile(
    r"(?P<kind>adobe_id|c2c_id)_(?P<ids>[0-9]+(?:_[0-9]+)+)_(?P<timestamp>[0-9]{10})\.sync"
    r"(?:\.(?P<split>[0-9]+))?(?P<gzip>\.gz)?"
)


class IdSyncKind(StrEnum):
    """Which ids are brought together.

    Attributes:
        DEVICES: ids of devices with ids of devices or customers.
        HASHED_EMAILS: ids of customers with up to ten hashed e-mail addresses each.
    """

    DEVICES = "adobe_id"
    HASHED_EMAILS = "c2c_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdSyncName:
    """The name of an id-synchronisation file.

    Attributes:
        kind: which ids are brought together.
        data_source_ids: data sources (DPID) of the columns, in their order, the first one the master; at least two.
        timestamp: seconds since 1970 in UTC, 10 digits.
        split: number of the part; None for a file in one part.
        gzip: whether the file is compressed.
    """

    kind: IdSyncKind
    data_source_ids: tuple[int, ...]
    timestamp: int
    split: int | None = None
    gzip: bool = False

    def __post_init__(self) -> None:
        if _NAME.fullmatch(str(self)) is None:
            raise ValueError("a name bears two data sources or more, and a timestamp of 10 digits")

    def __str__(self) -> str:
        ids = "_".join(map(str, self.data_source_ids))
        split = "" if self.split is None else f".{self.split}"
        return f"{self.kind}_{ids}_{self.timestamp:010d}.sync{split}{'.gz' if self.gzip else ''}"

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """Reads a name without folders; None if it is not the name of an id-synchronisation file."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        try:
            return cls(
                kind=IdSyncKind(match["kind"]),
                data_source_ids=tuple(map(int, match["ids"].split("_"))),
                timestamp=int(match["timestamp"]),
                split=None if match["split"] is None else int(match["split"]),
                gzip=match["gzip"] is not None,
            )
        except ValueError:
            return None
