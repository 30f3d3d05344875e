"""Names of Audience Manager's outbound files, `S3_4711_38888_full_1767225600000001.sync.gz` (audience-manager 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class SyncMode(StrEnum):
    """Whether a file holds all users or only changes."""

    FULL = "full"
    ITER = "iter"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundName:
    """The name of one part of an outbound batch.

    Attributes:
        sync_type: `S3`, `FTP` or `HTTP`, whatever its case in the name.
        destination_id: id of the destination (DID).
        data_source_id: id of the data source of the ids (MASTER_DPID).
        alias: name of the partner; empty if left out.
        mode: all users or only changes.
        timestamp: when the batch was made, in the unit that the template has digits for.
        split: number of the part; 0 for the first one, which bears none.
        gzip: whether the part is compressed.
    """

    sync_type: str
    destination_id: int
    data_source_id: int
    alias: str = ""
    mode: SyncMode = SyncMode.FULL
    timestamp: int
    split: int = 0
    gzip: bool = True


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """How one destination names its files: Adobe sets it up by destination, and names alone do not tell.

    Attributes:
        timestamp_digits: 13 for milliseconds, 10 for seconds.
        split_digits: fewest digits of a part's number, which stands directly behind the timestamp.
        extension: of the files, without `.gz`.
    """

    timestamp_digits: int = 13
    split_digits: int = 3
    extension: str = "sync"
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pattern = re.compile(
            rf"(?P<sync_type>s3|ftp|http)_(?P<did>[0-9]+)_(?P<dpid>[0-9]+)(?:_(?P<alias>.+))?_(?P<mode>full|iter)"
            rf"_(?P<timestamp>[0-9]{{{self.timestamp_digits}}})"
            rf"(?:(?P<split>[0-9]{{{self.split_digits},}})|-(?P<number>[0-9]+))?"
            rf"\.(?:(?P<extension>{re.escape(self.extension)})(?P<gzip>\.gz)?|(?P<info>info))",
            re.IGNORECASE,
        )
        object.__setattr__(self, "_pattern", pattern)

    def write(self, name: OutboundName) -> str:
        """The name as text."""
        alias = f"_{name.alias}" if name.alias else ""
        split = f"{name.split:0{self.split_digits}d}" if name.split else ""
        return (
            f"{name.sync_type}_{name.destination_id}_{name.data_source_id}{alias}_{name.mode}"
            f"_{name.timestamp:0{self.timestamp_digits}d}{split}.{self.extension}{'.gz' if name.gzip else ''}"
        )

    def parse(self, text: str) -> OutboundName | None:
        """Reads the name of a data file, without folders; None if it is none of this template."""
        match = self._pattern.fullmatch(text)
        return _name(match) if match and not match["info"] else None

    def parse_info(self, text: str) -> OutboundName | None:
        """Reads the name of a transfer-control file, `.info` (audience-manager 4.1); None if it is none."""
        match = self._pattern.fullmatch(text)
        return _name(match) if match and match["info"] else None


def _name(match: re.Match[str]) -> OutboundName:
    return OutboundName(
        sync_type=match["sync_type"].upper(),
        destination_id=int(match["did"]),
        data_source_id=int(match["dpid"]),
        alias=match["alias"] or "",
        mode=SyncMode(match["mode"].lower()),
        timestamp=int(match["timestamp"]),
        split=int(match["split"] or match["number"] or 0),  # control files number parts `-1`, `-2`
        gzip=match["gzip"] is not None,
    )
