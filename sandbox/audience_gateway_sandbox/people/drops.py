"""Writes Audience Manager's outbound files: one gzipped data file and its control file (audience-manager 4, 4.1)."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
        """The name that both files share; 13 digits of milliseconds at its end."""
        milliseconds = (self.made - _EPOCH) // timedelta(milliseconds=1)
        return f"S3_{self.destination_id}_{self.data_source_id}_full_{milliseconds:013d}"

    @property
    def file_name(self) -> str:
        """Name of the data file."""
        return f"{self.root_name}.sync.gz"


def write_drop(bucket: Path, drop: Drop, lines: Sequence[bytes]) -> Path:
    """Write the lines of a full transfer, without a header, and the control file; answer the data file.

    Args:
        bucket: directory to write to; a file appears in it under its name only when it is complete.
        drop: what the files are named after.
        lines: one line a user, `<id>TAB<segment id>,<segment id>...`, without line ends.
    """
    content = gzip.compress(b"".join(line + b"\n" for line in lines), compresslevel=_FASTEST, mtime=0)
    data_file = bucket / drop.file_name
    _write_whole(data_file, content)
    control = json.dumps(_control(drop, content, len(lines)), indent=2)
    _write_whole(bucket / f"{drop.root_name}.info", control.encode())
    return data_file


def _control(drop: Drop, content: bytes, lines: int) -> dict[str, object]:
    return {
        "Files": [
            {
                "FileByteSize": len(content),
                "FileLineCount": lines,
                "FileName": drop.file_name,
                "FileSequenceNumber": 1,
                "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            }
        ],
        "Totals": {
            "FileName": drop.root_name,
            "TotalByteSize": len(content),
            "TotalNumberFiles": 1,
            "TotalNumberLines": lines,
        },
    }


def _write_whole(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(file)
