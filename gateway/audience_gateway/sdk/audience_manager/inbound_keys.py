"""Keys of inbound files in Audience Manager's bucket, `<directory>/<partner>/date=2026-01-02/<name>` (3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_KEY = re.compile(
    r"(?:(?P<directory>[^/]+(?:/[^/]+)*)/)?(?P<partner>[^/]+)/date=(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/(?P<name>[^/]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundKey:
    """Where a file lies.

    Attributes:
        directory: the AWS directory that Adobe assigned; empty if there is none.
        partner: name of the partner.
        day: the UTC day of the upload.
        file_name: the file's name.
    """

    directory: str = ""
    partner: str
    day: date
    file_name: str

    def __post_init__(self) -> None:
        if _KEY.fullmatch(str(self)) is None or "/" in self.partner:
            raise ValueError("a directory, a partner and a name are folders and a file: without slashes at their ends")

    def __str__(self) -> str:
        directory = f"{self.directory}/" if self.directory else ""
        return f"{directory}{self.partner}/date={self.day.isoformat()}/{self.file_name}"

    @classmethod
    def parse(cls, key: str) -> Self | None:
        """Reads a key; None if it is laid out otherwise."""
        match = _KEY.fullmatch(key)
        if match is None:
            return None
        try:
            day = date.fromisoformat(match["day"])
        except ValueError:
            return None
        return cls(directory=match["directory"] or "", partner=match["partner"], day=day, file_name=match["name"])
