"""The two buckets of audience sharing, as local directories (campaign 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IMPORT_BUCKET = "importSharedAudience"
EXPORT_BUCKET = "exportSharedAudience"


@dataclass(frozen=True, slots=True)
class Buckets:
    """Both buckets, named after Campaign's external accounts.

    Attributes:
        imported: what the Experience Cloud shares with Campaign (Audience Manager's outbound files).
        exported: what Campaign shares with the Experience Cloud (Audience Manager's inbound files).
    """

    imported: Path
    exported: Path

    @classmethod
    def below(cls, directory: Path) -> Buckets:
        """Make the buckets in a directory, or take those that are there."""
        buckets = cls(directory.resolve() / IMPORT_BUCKET, directory.resolve() / EXPORT_BUCKET)
        for bucket in (buckets.imported, buckets.exported):
            bucket.mkdir(parents=True, exist_ok=True)
        return buckets

    @property
    def addresses(self) -> Mapping[str, str]:
        """The buckets' `file://` addresses by name."""
        return {bucket.name: bucket.as_uri() for bucket in (self.imported, self.exported)}
