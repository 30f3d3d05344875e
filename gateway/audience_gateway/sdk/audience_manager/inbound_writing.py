"""Writes inbound files for changes of an audience, part by part (audience-manager 3.2 to 3.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_ids import sort_out
from audience_gateway.sdk.audience_manager.inbound_lines import RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_names import GLOBAL_DEVICE_DATA_SOURCES, InboundName
from audience_gateway.sdk.audience_manager.inbound_pending import refuse_to_overtake
from audience_gateway.sdk.audience_manager.inbound_series import Series, Sorted
from audience_gateway.sdk.connectors import WriteRequest
from audience_gateway.sdk.errors import ConfigError
from audience_gateway.sdk.identities import DataSource
from audience_gateway.sdk.members import TargetBatch, WriteResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What files say of each of their ids.

    Attributes:
        source: data source of the ids.
        item: what happens to each of them.
        key: of the write: the same for a repeat, another for any other write.
        target: data source that owns the trait; None for that of the ids. Ids that all companies share need one.
    """

    source: DataSource
    item: RealiseTrait | RemoveTrait
    key: str
    target: int | None = None


async def write(
    folder: InboundFolder,
    request: WriteRequest,
    item: RealiseTrait | RemoveTrait,
    now: datetime,
    *,
    target: int | None = None,
) -> WriteResult:
    """Writes a line with the item for each member of a request that can be written; the others are refused.

    Raises Transient if an earlier file says the opposite and is not processed yet (`folder.pending_hours`), ConfigError
    if the data source has no id, or has ids that all companies share and no target is given.
    """

    async def only() -> AsyncIterator[TargetBatch]:
        yield request.batch

    statement = Statement(source=request.source, item=item, key=request.key, target=target)
    return await write_stream(folder, statement, only(), now)


async def write_stream(
    folder: InboundFolder, statement: Statement, batches: AsyncIterator[TargetBatch], now: datetime
) -> WriteResult:
    """Writes a line for each member that can be written, in as many files as are needed; none of them is empty.

    A repeat must bring the same members in the same order. The refused members have their positions in all batches
    together. Raises ConfigError as `write` does.
    """
    name = InboundName(
        data_source_id=data_source_id(statement.source, statement.target), target=statement.target, timestamp=0
    )
    series = await Series.begin(folder, name, statement.key, now, start=f"ftp_dpm_{name.data_source_id}_")
    if folder.pending_hours:
        await refuse_to_overtake(folder, series.files, statement.key, statement.item, now)
    rest = f"\t{statement.item}"

    def sorted_out(batch: TargetBatch) -> Sorted:
        ids, refused = sort_out(batch.targets, len(rest))
        return (ids,), refused

    return await series.write(batches, sorted_out, rest)


def data_source_id(source: DataSource, target: int | None = None) -> int:
    """The id of a data source whose ids can be written. Raises ConfigError for any other one."""
    place = f"data_sources.{source.name}.aam_data_source_id"
    if not source.aam_data_source_id:
        raise ConfigError(
            "found no id, needed is Audience Manager's, which file names bear",
            place=place,
            remedy="Set it to the id that Audience Manager shows.",
        )
    if source.aam_data_source_id in GLOBAL_DEVICE_DATA_SOURCES and target is None:
        raise ConfigError(
            "found a global device data source, whose ids cannot be given traits by this connector",
            place=place,
            remedy="Use a data source of your own.",
        )
    return source.aam_data_source_id
