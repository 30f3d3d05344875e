"""What has become of the files of a delivery, by the onboarding status and by what lies in the bucket.

A file is known by its number, which is made of the key of its write; the time in its name is not known any more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from audience_gateway.sdk.arrivals import ArrivalRequest, DeliveredWrite
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_names import InboundName
from audience_gateway.sdk.audience_manager.inbound_numbers import file_number
from audience_gateway.sdk.audience_manager.inbound_stored import stored_files
from audience_gateway.sdk.audience_manager.rest.client import AudienceManagerRest
from audience_gateway.sdk.audience_manager.rest.history import FileHistory
from audience_gateway.sdk.rest import NotFound, RightsMissing

_PROCESSED = ".processed"


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file that is known of.

    Attributes:
        taken: when it was taken in; None as long as it is not known to be.
        reported: what the onboarding status says of it; None for nothing.
    """

    taken: datetime | None
    reported: FileHistory | None = None


@dataclass(frozen=True, slots=True)
class DeliveredFiles:
    """The files of a delivery.

    Attributes:
        awaited: how many files there must be of each number.
        seen: the files that are known of, by number.
    """

    awaited: Counter[int]
    seen: Mapping[int, Sequence[SeenFile]]

    @property
    def taken(self) -> datetime | None:
        """When the last of them was taken in; None as long as one is not, or if there is none."""
        times: list[datetime] = []
        for number, files in self.awaited.items():
            done = [file.taken for file in self.seen.get(number, ()) if file.taken is not None]
            if len(done) < files:
                return None
            times += done
        return max(times, default=None)

    @property
    def failed(self) -> bool:
        """Whether one of them is reported not to have been taken in."""
        return any(row.failed for row in self._rows)

    @property
    def counts(self) -> Mapping[str, int]:
        """What was counted in all of them together."""
        total: Counter[str] = Counter()
        for row in self._rows:
            total.update(row.counts)
        return dict(total)

    @property
    def _rows(self) -> Iterator[FileHistory]:
        for number in self.awaited:
            yield from (file.reported for file in self.seen.get(number, ()) if file.reported is not None)


async def delivered_files(
    rest: AudienceManagerRest | None,
    folder: InboundFolder | None,
    request: ArrivalRequest,
    most_members: int,
    now: datetime,
) -> DeliveredFiles:
    """Looks for the files of a delivery. Raises what a call raises.

    Args:
        rest: knows the onboarding status; None where nobody can be asked.
        folder: where the files were left; None for nowhere.
        request: the delivery.
        most_members: most members of a write that went into no file.
        now: the time, in UTC.
    """
    seen = await _seen(rest, folder, request.source.aam_data_source_id, now)
    awaited: Counter[int] = Counter()
    for write in request.writes:
        awaited.update(_numbers(write, seen, most_members))
    return DeliveredFiles(awaited, seen)


async def _seen(
    rest: AudienceManagerRest | None, folder: InboundFolder | None, data_source: int, now: datetime
) -> Mapping[int, Sequence[SeenFile]]:
    """All files with ids of a data source that have a number."""
    seen: dict[int, list[SeenFile]] = defaultdict(list)
    named: set[InboundName] = set()
    for row in await _reported(rest, data_source):
        name = InboundName.parse(row.file_name.removesuffix(_PROCESSED))
        if name is None or name.split is None:
            continue
        is_done = not row.failed and (row.ended is not None or row.begun is None)
        seen[name.split].append(SeenFile((row.ended or now) if is_done else None, row))
        named.add(name)
    if folder is not None and data_source:
        async for file in stored_files(folder, f"ftp_dpm_{data_source}_"):
            if file.name.split is not None and file.name not in named:
                seen[file.name.split].append(SeenFile(file.stored.modified if file.processed else None))
    return seen


async def _reported(rest: AudienceManagerRest | None, data_source: int) -> Sequence[FileHistory]:
    """The onboarding status of a data source; nothing where it may not be read, for it is for administrators."""
    if rest is None or not data_source:
        return ()
    try:
        return await rest.inbound_history(data_source)
    except (NotFound, RightsMissing):
        return ()


def _numbers(write: DeliveredWrite, seen: Mapping[int, Sequence[SeenFile]], most_members: int) -> Iterator[int]:
    """The numbers of a write's files: one at least, if it was too large to go another way, and all that are there."""
    if write.in_doubt or not write.members:
        return
    for part in count():
        number = file_number(write.key, part)
        if number not in seen and (part or write.members <= most_members):
            return
        yield number
        if number not in seen or part >= len(seen):
            return
