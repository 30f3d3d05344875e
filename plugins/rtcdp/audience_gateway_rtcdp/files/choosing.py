"""Which exports hold the members of an audience: the newest full one, or one and all changes since (rtcdp 6.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from audience_gateway.sdk import ConfigError, Permanent

from audience_gateway_rtcdp.files.completeness import Arrived, Completeness
from audience_gateway_rtcdp.files.exports import Export, find_exports, fingerprint_of
from audience_gateway_rtcdp.files.folders import ExportFolder

_LATER = "Wait for the export, or check the folder and the name template."


async def choose(folder: ExportFolder, audience: str, now: datetime) -> tuple[Export, ...]:
    """The exports to be read, the oldest first: one that is full, and its changes if the audience has some.

    Of an audience of which only changes are read it is all of them. Raises Permanent if there is none that is complete,
    ConfigError if names cannot tell changes apart.
    """
    if not folder.settings.has_changes(audience):
        return (await _newest(folder, audience, now),)
    if folder.names.is_static:
        raise ConfigError(
            "exports of changes need a time in their names: under a static name each overwrites the one before",
            place=f"settings.files.incremental.{audience}",
            remedy="Add %DATETIME% to the name template of the activation, or export in full.",
        )
    return await _since(folder, audience, folder.settings.first_export(audience), now)


async def choose_again(folder: ExportFolder, audience: str, fingerprint: str, now: datetime) -> tuple[Export, ...]:
    """The exports that were chosen before, whatever came since. Raises Permanent if they are not what they were."""
    found = await find_exports(folder, audience)
    completeness = Completeness(folder, found, now)
    arrived = [(await completeness.of(export)).export for export in found.exports]
    if not folder.settings.has_changes(audience):
        choices: list[tuple[Export, ...]] = [(export,) for export in arrived]
    else:
        changes = _from(arrived, folder.settings.first_export(audience))
        choices = [tuple(changes[:count]) for count in range(1, len(changes) + 1)]
    for choice in choices:
        if fingerprint_of(choice) == fingerprint:
            return choice
    raise Permanent(
        "the files have changed or are gone since reading began", place=folder.url, remedy="Share the audience again."
    )


async def _newest(folder: ExportFolder, audience: str, now: datetime) -> Export:
    found = await find_exports(folder, audience)
    completeness = Completeness(folder, found, now)
    findings = list[str]()
    for export in reversed(found.exports):
        arrived = await completeness.of(export)
        if not arrived.finding:
            return arrived.export
        findings.append(arrived.finding)
    many = f"; of {len(findings)} the newest is not: {findings[0]}" if findings else ""
    raise Permanent(f"there is no complete export of the audience{many}", place=folder.url, remedy=_LATER)


def _from(exports: Sequence[Export], first: datetime | None) -> list[Export]:
    return [export for export in exports if export.time and (first is None or export.time >= first)]


async def _since(folder: ExportFolder, audience: str, first: datetime | None, now: datetime) -> tuple[Export, ...]:
    found = await find_exports(folder, audience)
    exports = _from(found.exports, first)
    if not exports and first is None:
        raise Permanent("there is no export of the audience", place=folder.url, remedy=_LATER)
    if first is not None and (not exports or exports[0].time != first):
        raise Permanent(
            "the full export that changes build upon is not there",
            place=folder.url,
            remedy="Export in full anew, and set `files.incremental` to the time in the name of that export.",
        )
    completeness = Completeness(folder, found, now)
    arrived = [await completeness.of(export) for export in exports]
    complete = next((index for index, one in enumerate(arrived) if one.finding), len(arrived))
    if not complete or any(not one.finding for one in arrived[complete:]):
        raise _incomplete(folder, arrived[complete])
    return tuple(one.export for one in arrived[:complete])


def _incomplete(folder: ExportFolder, arrived: Arrived) -> Permanent:
    key = arrived.export.parts[0].stored.key
    return Permanent(
        f"an export that later changes build upon is not complete: {arrived.finding}",
        place=folder.place_of(key),
        remedy=_LATER,
    )
