"""Whether an export has arrived as a whole: by its manifest, or because nothing changes any more (rtcdp 6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from audience_gateway_rtcdp.files.exports import Export, Found, Part
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.manifests import read_manifest


@dataclass(frozen=True, slots=True)
class Arrived:
    """An export as far as it has arrived.

    Attributes:
        export: the export, without parts that an earlier run left behind.
        finding: what it lacks to be complete; empty if nothing.
    """

    export: Export
    finding: str = ""


class Completeness:
    """Says of the exports of one audience whether they are complete, reading each manifest once at most."""

    def __init__(self, folder: ExportFolder, found: Found, now: datetime) -> None:
        self._folder = folder
        self._settings = folder.settings
        self._unread = sorted(found.manifests, key=lambda stored: stored.modified)
        self._read: list[Mapping[str, int]] = []
        self._now = now

    async def of(self, export: Export) -> Arrived:
        """What has arrived of an export."""
        numbers = [part.name.part for part in export.parts]
        if len(set(numbers)) < len(numbers):
            return Arrived(export, "a part of it is there twice")
        sizes = None if self._settings.manifest == "ignored" else await self._manifest_of(export)
        if sizes is not None:
            return _by_manifest(export, sizes)
        if self._settings.manifest == "required":
            return Arrived(export, "no manifest lists it")
        return self._by_age(export)

    async def _manifest_of(self, export: Export) -> Mapping[str, int] | None:
        """Sizes of all parts that the newest run wrote under the export's name, by number; None without a manifest."""
        first = export.parts[0]
        # A file that was written again later, or on another clock than the bucket's, still has the manifest of its run.
        earliest = min(export.time or first.stored.modified, first.stored.modified) - self._run
        while self._unread and self._unread[-1].modified >= earliest:
            if manifest := await read_manifest(self._folder.bucket, self._unread.pop()):
                self._read.append(manifest.sizes)
        directory = first.stored.key.removesuffix(first.file_name)
        for sizes in self._read:  # the newest first: a static name is in the manifests of all runs
            names = {name: self._folder.names.parse(directory + name, export.audience) for name in sizes}
            listed = {name: sizes[name] for name, said in names.items() if said and said.root == first.name.root}
            if listed:
                return listed
        return None

    def _by_age(self, export: Export) -> Arrived:
        first = export.parts[0].stored
        left = [part for part in export.parts if export.is_static and first.modified - part.stored.modified > self._run]
        export = replace(export, parts=tuple(part for part in export.parts if part not in left))
        if export.disorder:
            return Arrived(export, export.disorder)
        if left and self._now - first.modified < self._run:
            return Arrived(export, "a part of an earlier run is there, which this one may be about to overwrite")
        if self._now - export.modified < timedelta(seconds=self._settings.settle_seconds):
            return Arrived(export, "it has no manifest, and its files are still too new")
        return Arrived(export)

    @property
    def _run(self) -> timedelta:
        return timedelta(seconds=self._settings.part_seconds)


def _by_manifest(export: Export, sizes: Mapping[str, int]) -> Arrived:
    listed = tuple(part for part in export.parts if part.file_name in sizes)
    if len(listed) < len(sizes):
        return Arrived(export, "a file that its manifest lists is not there")
    if len(listed) < len(export.parts) and not export.is_static:
        return Arrived(export, "it has a part that its manifest does not list")
    # Other parts under a static name are left over from an earlier, larger export.
    export = replace(export, parts=listed)
    differing = (part for part in listed if part.stored.size != sizes[part.file_name])
    return Arrived(export, export.disorder or _differs(next(differing, None)))


def _differs(part: Part | None) -> str:
    return f"part {part.name.part} of it has another size than its manifest says" if part else ""
