"""Names of Audience Manager's inbound data files, `ftp_dpm_478_567_1366545717.sync.1.gz` (audience-manager 3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

GLOBAL_DEVICE_DATA_SOURCES = frozenset({20914, 20915, 121963, 389146, 488258, 963906, 1171485, 1171489})
"""Data sources that all companies share; their files must name the owner of the traits (people-and-ids 4)."""

_NAME = re.compile(
    r"ftp_dpm_(?P<odc>odc_)?(?P<dpid>[0-9]+)(?:_(?P<target>[0-9]+))?_(?P<timestamp>[0-9]{9,10})\.(?P<mode>sync|overwrite)"
    r"(?:(?:\.(?P<split>[0-9]+))?(?P<gzip>\.gz)?|\.(?P<encryption>pgp|gpg))"
)
_TIMESTAMP_DIGITS = 10


class Mode(StrEnum):
    """What a file does to the traits that its users have already."""

    SYNC = "sync"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundName:
    """The name of an inbound data file.

    Attributes:
        data_source_id: data source (DPID) of the ids in the file.
        timestamp: seconds since 1970 in UTC, 10 digits.
        mode: adds to what users have, or replaces it.
        target: data source whose traits are realised; None for the same one.
        split: number of the part; None for a file in one part.
        gzip: whether the file is compressed.
        encryption: `pgp` or `gpg`; empty for neither. Such a file is neither split nor compressed.
        oracle_data_cloud: whether the file comes from the Oracle Data Cloud.
    """

    data_source_id: int
    timestamp: int
    mode: Mode = Mode.SYNC
    target: int | None = None
    split: int | None = None
    gzip: bool = False
    encryption: str = ""
    oracle_data_cloud: bool = False

    def __post_init__(self) -> None:
        match = _NAME.fullmatch(str(self))
        if match is None or len(match["timestamp"]) != _TIMESTAMP_DIGITS:
            raise ValueError("an encrypted file is neither split nor compressed, and a timestamp has 10 digits")
        if self.data_source_id in GLOBAL_DEVICE_DATA_SOURCES and self.target is None:
            raise ValueError("a file of a global device data source must name a target data source")

    def __str__(self) -> str:
        parts = [
            "ftp_dpm_",
            "odc_" if self.oracle_data_cloud else "",
            f"{self.data_source_id}_",
            "" if self.target is None else f"{self.target}_",
            f"{self.timestamp:0{_TIMESTAMP_DIGITS}d}.{self.mode}",
            "" if self.split is None else f".{self.split}",
            ".gz" if self.gzip else "",
            f".{self.encryption}" if self.encryption else "",
        ]
        return "".join(parts)

    @classmethod
    def parse(cls, name: str, *, lenient: bool = False) -> Self | None:
        """Reads a name without folders; None if it is not the name of an inbound data file.

        Args:
            name: the name.
            lenient: whether a timestamp may have 9 digits, as in some of Adobe's samples; it is written with 10.
        """
        match = _NAME.fullmatch(name)
        if match is None or (len(match["timestamp"]) < _TIMESTAMP_DIGITS and not lenient):
            return None
        try:
            return cls(
                data_source_id=int(match["dpid"]),
                timestamp=int(match["timestamp"]),
                mode=Mode(match["mode"]),
                target=_number(match["target"]),
                split=_number(match["split"]),
                gzip=match["gzip"] is not None,
                encryption=match["encryption"] or "",
                oracle_data_cloud=match["odc"] is not None,
            )
        except ValueError:
            return None


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)
