"""Names of Audience Manager's outbound files, `S3_4711_38888_full_1767225600000001.sync.gz` (audience-manager 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from audience_gateway.sdk.audience_manager.name_macros import Element, elements

DEFAULT_LAYOUT = "<SYNC_TYPE>_<DID>_<MASTER_DPID>[_<PID_ALIAS>]_<SYNC_MODE>_<TIMESTAMP><SPLITNUM>"
"""What names look like if Adobe has set up nothing else."""


class SyncMode(StrEnum):
    """Whether a file holds all users or only changes."""

    FULL = "full"
    ITER = "iter"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundName:
    """The name of one part of an outbound batch. What a destination's names leave out has its default.

    Attributes:
        sync_type: `S3`, `FTP` or `HTTP`, whatever its case in the name.
        destination_id: id of the destination (DID).
        data_source_id: id of the data source of the ids (MASTER_DPID).
        partner_data_source_id: id of the partner's data source (DPID), which names seldom bear.
        alias: name of the partner; empty if left out.
        mode: all users or only changes.
        timestamp: when the batch was made, in the unit that the template has digits for.
        split: number of the part; 0 for the first one, which bears none.
        gzip: whether the part is compressed.
    """

    sync_type: str = ""
    destination_id: int = 0
    data_source_id: int = 0
    partner_data_source_id: int = 0
    alias: str = ""
    mode: SyncMode = SyncMode.FULL
    timestamp: int = 0
    split: int = 0
    gzip: bool = True


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """How one destination names its files: Adobe sets it up by destination, and names alone do not tell.

    Attributes:
        timestamp_digits: 13 for milliseconds, 10 for seconds, 14 for year to second.
        split_digits: fewest digits of a part's number, which stands directly behind the timestamp.
        extension: of the files, without `.gz`.
        layout: the name before its extension: macros in `<>`, what may be left out in `[]`, all else as it is.

    Raises ValueError for a layout with an unknown macro, one that stands twice, or brackets that do not close.
    """

    timestamp_digits: int = 13
    split_digits: int = 3
    extension: str = "sync"
    layout: str = DEFAULT_LAYOUT
    _elements: tuple[Element, ...] = field(init=False, repr=False, compare=False)
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = elements(self.layout, timestamp_digits=self.timestamp_digits, split_digits=self.split_digits)
        extension = rf"\.(?:{re.escape(self.extension)}(?P<gzip>\.gz)?|(?P<info>info))"
        pattern = re.compile("".join(element.pattern for element in found) + extension, re.IGNORECASE | re.ASCII)
        object.__setattr__(self, "_elements", found)
        object.__setattr__(self, "_pattern", pattern)

    def write(self, name: OutboundName) -> str:
        """The name as text."""
        root = "".join(element.write(name) for element in self._elements)
        return f"{root}.{self.extension}{'.gz' if name.gzip else ''}"

    def parse(self, text: str) -> OutboundName | None:
        """Reads the name of a data file, without folders; None if it is none of this template."""
        match = self._pattern.fullmatch(text)
        return _name(match) if match and not match["info"] else None

    def parse_info(self, text: str) -> OutboundName | None:
        """Reads the name of a transfer-control file, `.info` (audience-manager 4.1); None if it is none."""
        match = self._pattern.fullmatch(text)
        return _name(match) if match and match["info"] else None


def _name(match: re.Match[str]) -> OutboundName | None:
    found = match.groupdict()
    try:
        return OutboundName(
            sync_type=(found.get("sync_type") or "").upper(),
            destination_id=int(found.get("did") or 0),
            data_source_id=int(found.get("master") or 0),
            partner_data_source_id=int(found.get("dpid") or 0),
            alias=found.get("alias") or "",
            mode=SyncMode((found.get("mode") or SyncMode.FULL).lower()),
            timestamp=int(found.get("timestamp") or 0),
            # Control files number parts `-1`, `-2`.
            split=int(found.get("split") or found.get("number") or 0),
            gzip=match["gzip"] is not None,
        )
    except ValueError:  # a number of thousands of digits
        return None
