"""Exports: all files of one audience that one run wrote."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import BucketObject, ConfigError

from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.manifests import is_manifest
from audience_gateway_rtcdp.files.name_templates import ExportedName


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an export: the object in the bucket, and what its name says."""

    stored: BucketObject
    name: ExportedName

    @property
    def file_name(self) -> str:
        """Its name without folders."""
        return self.stored.key.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What one run wrote of an audience.

    Attributes:
        audience: id of the audience.
        time: when, as the names say; None for static names, which each run overwrites.
        parts: its files in the order of their numbers.
    """

    audience: str
    time: datetime | None
    parts: tuple[Part, ...]

    @property
    def is_static(self) -> bool:
        """Whether the next run overwrites it."""
        return self.time is None

    @property
    def modified(self) -> datetime:
        """When a file of it last changed."""
        return max(part.stored.modified for part in self.parts)

    @property
    def disorder(self) -> str:
        """What is wrong with the numbers of its parts; empty if they count from 1."""
        numbers = [part.name.part for part in self.parts]
        return "" if numbers == list(range(1, len(numbers) + 1)) else "a part of it is missing"


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in a folder for one audience: its exports, the oldest first, and all manifests."""

    exports: tuple[Export, ...]
    manifests: tuple[BucketObject, ...]


def fingerprint_of(exports: Sequence[Export]) -> str:
    """Changes whenever a file of one of them changes, one is added or one is gone."""
    texts = [f"{part.stored.key} {part.stored.etag} {part.stored.size}" for one in exports for part in one.parts]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]


async def find_exports(folder: ExportFolder, audience: str) -> Found:
    """All exports of an audience, complete or not.

    Raises ConfigError if they are those of several destinations.
    """
    parts: dict[str, list[Part]] = defaultdict(list)
    manifests = list[BucketObject]()
    async for stored in folder.bucket.list(folder.listed(audience)):
        if name := folder.names.parse(stored.key, audience):
            parts[name.root].append(Part(stored, name))
        elif is_manifest(stored.key):
            manifests.append(stored)
    _check_destinations(folder, [part.name for found in parts.values() for part in found])
    exports = [
        Export(audience=audience, time=found[0].name.time, parts=tuple(sorted(found, key=lambda part: part.name.part)))
        for found in parts.values()
    ]
    return Found(tuple(sorted(exports, key=lambda one: (one.time or one.modified, one.modified))), tuple(manifests))


def _check_destinations(folder: ExportFolder, names: Sequence[ExportedName]) -> None:
    destinations = {name.destination for name in names}
    if len(destinations) > 1:
        raise ConfigError(
            f"files of {len(destinations)} destinations lie in the same place",
            place=folder.url,
            remedy="In the name template, put the text that the macro of the destination stands for in its place.",
        )
