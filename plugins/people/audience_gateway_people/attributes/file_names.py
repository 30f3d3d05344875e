"""Names of a source's files: a data file, and the empty file that says it is complete (people-and-ids 8.1)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from audience_gateway_people.attributes.settings import Compression

PROCESSED, FAILED = "processed/", "failed/"
"""Where Adobe moves files to when it is done with them."""

_SUFFIXES = {Compression.NONE: ".csv", Compression.GZIP: ".csv.gz", Compression.ZIP: ".csv.zip"}
_DATA = re.compile(r"(?P<base>[^\s/]+)\.csv(?:\.(?P<packed>gz|zip))?")
_UNUSUAL = re.compile(r"[^A-Za-z0-9-]+")
_COMPRESSIONS = {None: Compression.NONE, "gz": Compression.GZIP, "zip": Compression.ZIP}


@dataclass(frozen=True, slots=True)
class DataName:
    """The name of a data file, without folders.

    Attributes:
        base: what the name of its `.fin` has too.
        compression: how it is compressed.
    """

    base: str
    compression: Compression = Compression.NONE

    def __str__(self) -> str:
        return f"{self.base}{_SUFFIXES[self.compression]}"

    @property
    def completed(self) -> str:
        """The name of the empty file that is uploaded after it."""
        return f"{self.base}.fin"

    @property
    def plain(self) -> str:
        """The name of the data within an archive."""
        return f"{self.base}.csv"

    @classmethod
    def parse(cls, name: str) -> DataName | None:
        """Reads a name; None if it is not that of a data file."""
        match = _DATA.fullmatch(name)
        return cls(match["base"], _COMPRESSIONS[match["packed"]]) if match else None


def name_of_write(alias_id: str, key: str, compression: Compression) -> DataName:
    """The name of the file of a write, which is the same for a repeat and shows the transfer to people."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    transfer, _, write = key.rpartition("/")
    return DataName(f"{_start_of_transfer(alias_id, transfer)}{_shown(write)}_{digest}", compression)


def is_of_same_transfer(name: DataName, alias_id: str, key: str) -> bool:
    """Whether a file is that of a write of the transfer that the key is of."""
    return name.base.startswith(_start_of_transfer(alias_id, key.rpartition("/")[0]))


def _start_of_transfer(alias_id: str, transfer: str) -> str:
    return f"{alias_id}_{_shown(transfer)}_"


def _shown(text: str) -> str:
    return _UNUSUAL.sub("-", text)[:64]
