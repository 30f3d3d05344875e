"""Audience Manager's outbound files: gzipped parts and their control file (audience-manager 4, 4.1)."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

_EPOCH = datetime.fromtimestamp(0, UTC)
_FASTEST = 1


@dataclass(frozen=True, slots=True)
class Drop:
    """What one transfer to Campaign is named after.

    Attributes:
        destination_id: Audience Manager's id of the destination (DID).
        data_source_id: id of the data source that the ids are of (DPID).
        made: when the file was made.
    """

    destination_id: int
    data_source_id: int
    made: datetime

    @property
    def root_name(self) -> str:
        """The name that all its files share; 13 digits of milliseconds at its end."""
        milliseconds = (self.made - _EPOCH) // timedelta(milliseconds=1)
        return f"S3_{self.destination_id}_{self.data_source_id}_full_{milliseconds:013d}"

    def part_name(self, part: int = 0) -> str:
        """Name a data file; the first part bears no number, the others append theirs to the time."""
        return f"{self.root_name}{f'{part:03d}' if part else ''}.sync.gz"


@dataclass(frozen=True, slots=True)
class DropFile:
    """One file of a drop.

    Attributes:
        name: its name in the bucket.
        content: its bytes.
        lines: how many lines it has.
    """

    name: str
    content: bytes
    lines: int


def drop_files(drop: Drop, lines: Sequence[bytes], parts: int = 1) -> list[DropFile]:
    """Make the data files of a full transfer, without a header.

    Args:
        drop: what they are named after.
        lines: one line a user, `<id>TAB<segment id>,<segment id>...`, without line ends.
        parts: how many files they are split into; fewer if there are fewer lines.
    """
    return [data_file(drop.part_name(part), some) for part, some in enumerate(split(lines, parts))]


def split(lines: Sequence[bytes], parts: int) -> list[Sequence[bytes]]:
    """Split lines into parts, fewer if there are fewer lines."""
    parts = max(1, min(parts, len(lines)))
    bounds = [len(lines) * part // parts for part in range(parts + 1)]
    return [lines[start:stop] for start, stop in pairwise(bounds)]


def control_file(drop: Drop, files: Sequence[DropFile]) -> DropFile:
    """Make the transfer-control file of a drop."""
    return DropFile(f"{drop.root_name}.info", control_content(drop.root_name, files), 0)


def control_content(root_name: str, files: Sequence[DropFile]) -> bytes:
    """Write what a transfer-control file says of the data files whose names begin with the same root."""
    control = {
        "Files": [
            {
                "FileByteSize": len(file.content),
                "FileLineCount": file.lines,
                "FileName": file.name,
                "FileSequenceNumber": number,
                "md5": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
            }
            for number, file in enumerate(files, start=1)
        ],
        "Totals": {
            "FileName": root_name,
            "TotalByteSize": sum(len(file.content) for file in files),
            "TotalNumberFiles": len(files),
            "TotalNumberLines": sum(file.lines for file in files),
        },
    }
    return json.dumps(control, indent=2).encode()


def data_file(name: str, lines: Sequence[bytes]) -> DropFile:
    """Make a data file, compressed if its name says so."""
    content = b"".join(line + b"\n" for line in lines)
    if name.endswith(".gz"):
        content = gzip.compress(content, compresslevel=_FASTEST, mtime=0)
    return DropFile(name, content, len(lines))
