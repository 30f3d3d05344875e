"""Batches of outbound files: all parts of one transfer out of Audience Manager (audience-manager 4)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_names import OutboundName, SyncMode
from audience_gateway.sdk.audience_manager.outbound_parts import Part

_EPOCH = datetime.fromtimestamp(0, UTC)
_SECONDS_DIGITS, _MILLISECONDS_DIGITS = 10, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One transfer, of all users or of changes.

    Attributes:
        destination_id: id of the destination (DID).
        data_source_id: data source of the ids (DPID).
        timestamp: when it was made, as the names say it.
        parts: its files in the order of their numbers.
        control: key of its control file; empty if there is none.
    """

    destination_id: int
    data_source_id: int
    timestamp: int
    parts: tuple[Part, ...]
    control: str

    @property
    def modified(self) -> datetime:
        """When a part of it last changed."""
        return max(part.stored.modified for part in self.parts)

    @property
    def disorder(self) -> str:
        """What is wrong with the numbers of its parts; empty if they follow one another from none or from 1."""
        return _disorder([part.split for part in self.parts])


def fingerprint_of(batches: Sequence[Batch]) -> str:
    """Changes whenever one of their files changes."""
    texts = [f"{part.stored.key} {part.stored.etag}" for batch in batches for part in batch.parts]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]


async def all_batches(folder: OutboundFolder) -> list[Batch]:
    """All batches of the folder's mode, the oldest first, whether they are complete or not."""
    parts: dict[tuple[str, OutboundName], list[Part]] = defaultdict(list)
    controls: dict[tuple[int, int, int], dict[SyncMode, str]] = defaultdict(dict)
    async for stored in folder.bucket.list(folder.prefix):
        directory, _, text = stored.key.rpartition("/")
        if name := folder.names.parse(text):
            parts[directory, replace(name, split=0, gzip=False)].append(Part(stored, name.split, name.gzip))
        elif info := folder.names.parse_info(text):
            controls[_identity(info)][info.mode] = stored.key
    modes = {(_identity(root), root.mode) for _, root in parts}
    batches = [
        Batch(
            destination_id=root.destination_id,
            data_source_id=root.data_source_id,
            timestamp=root.timestamp,
            parts=tuple(sorted(found, key=lambda part: (part.split, part.stored.key))),
            control=_control(root, controls[_identity(root)], modes),
        )
        for (_, root), found in parts.items()
        if root.mode is folder.sync_mode
    ]
    return sorted(batches, key=lambda batch: (batch.timestamp, batch.parts[0].stored.key))


async def newest_batch(folder: OutboundFolder) -> datetime | None:
    """When the newest batch was made, as its name says; None if there is none. Raises what a bucket raises."""
    batches = await all_batches(folder)
    return time_made(batches[-1].timestamp, folder.names.timestamp_digits) if batches else None


def time_made(timestamp: int, digits: int) -> datetime | None:
    """The time that a timestamp of so many digits stands for; None if it is none."""
    if digits == _SECONDS_DIGITS:
        return _EPOCH + timedelta(seconds=timestamp)
    if digits == _MILLISECONDS_DIGITS:
        return _EPOCH + timedelta(milliseconds=timestamp)
    try:
        return datetime.strptime(f"{timestamp:014d}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _control(
    root: OutboundName, controls: Mapping[SyncMode, str], modes: Collection[tuple[tuple[int, int, int], SyncMode]]
) -> str:
    """The control file of its own mode, or of another one that has no batch: it may say `iter` for a full batch."""
    others = (key for mode, key in controls.items() if (_identity(root), mode) not in modes)
    return controls.get(root.mode, "") or next(others, "")


def _identity(name: OutboundName) -> tuple[int, int, int]:
    return name.destination_id, name.data_source_id, name.timestamp


def _disorder(splits: Sequence[int]) -> str:
    if len(set(splits)) < len(splits):
        return "a part of it is there twice"
    if splits[0] > 1 or list(splits) != list(range(splits[0], splits[0] + len(splits))):
        return "the numbers of its parts do not follow one another"
    return ""
