"""Reads what has changed in an identity index: by the times of change that Campaign keeps (campaign 3.8).

Campaign keeps no trace of records that were deleted, so that the core reads the whole index anew now and then. A record
is stamped before the transaction that writes it is over, and tracking logs come in long after what they log: reading
begins so much earlier than the newest time that there was.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa
from audience_gateway.sdk import (
    DataSource,
    IndexBatch,
    IndexChange,
    IndexChangesPage,
    IndexChangesRequest,
    IndexMark,
)

from audience_gateway_campaign.columns import column, timestamps
from audience_gateway_campaign.index import LOGS, RECIPIENTS, Table, batches_of, table_of
from audience_gateway_campaign.query import Query
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.reconciliation_key import reconciliation_key
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings

_UNMARKED = IndexMark("", IndexChange.UNKNOWN, complete=False)
_CHANGED = "@lastModified"
_LOGGED = "@logDate"
_OF_RECIPIENTS, _OF_LOGS = "r", "l"
_NOTHING = pa.record_batch([pa.nulls(0, field.type) for field in IndexBatch.SCHEMA], schema=IndexBatch.SCHEMA)


async def mark_index(session: Session, source: DataSource, since: str | None) -> IndexMark:
    """Mark the newest times that there are; none where ids are held by records that recipients only link to."""
    key = reconciliation_key(source)
    if key.behind_link:
        return _UNMARKED
    newest = {_CHANGED: await _newest(session, RECIPIENTS, _CHANGED)}
    if key.in_tracking_logs:
        newest[_LOGGED] = await _newest(session, LOGS, _LOGGED)
    times = {attribute: time.isoformat() for attribute, time in newest.items() if time is not None}
    if len(times) < len(newest):
        return _UNMARKED
    return IndexMark(json.dumps(times), IndexChange.SOME if since else IndexChange.UNKNOWN, complete=False)


async def read_index_changes(
    session: Session, settings: CampaignSettings, request: IndexChangesRequest
) -> AsyncGenerator[IndexChangesPage, None]:
    """Read the recipients that have changed, then the tracking logs of these and those that have come."""
    key = reconciliation_key(request.source)
    table = table_of(key, settings.opt_out_attributes)
    times = {attribute: datetime.fromisoformat(time) for attribute, time in json.loads(request.since).items()}
    phase, after = (request.after or "")[:1], (request.after or "")[1:] or None
    changed = times[_CHANGED] - timedelta(minutes=settings.index.overlap_minutes)
    if phase != _OF_LOGS:
        of_recipients = replace(table_of_recipients(table), where=(f"{_CHANGED} >= {_literal(changed)}",))
        async with aclosing(batches_of(session, settings, of_recipients, after)) as read:
            async for batch, token in read:
                entries = _NOTHING if key.in_tracking_logs else batch
                yield IndexChangesPage(IndexBatch(entries), batch.column("target"), f"{_OF_RECIPIENTS}{token}")
    if key.in_tracking_logs:
        logged = times[_LOGGED] - timedelta(hours=settings.index.log_overlap_hours)
        either = f"[recipient/{_CHANGED}] >= {_literal(changed)} OR {_LOGGED} >= {_literal(logged)}"
        of_logs = replace(table, where=(either,))
        async with aclosing(batches_of(session, settings, of_logs, after if phase == _OF_LOGS else None)) as read:
            async for batch, token in read:
                yield IndexChangesPage(IndexBatch(batch), pa.array([], pa.string()), f"{_OF_LOGS}{token}")


def table_of_recipients(table: Table) -> Table:
    """The table itself if it is that of recipients; otherwise their keys."""
    return table if table.schema == RECIPIENTS else Table(RECIPIENTS, "@id", "@id", _CHANGED, ())


async def _newest(session: Session, schema: str, attribute: str) -> datetime | None:
    query = Query(
        schema=schema,
        select=(attribute,),
        where=(f"{attribute} IS NOT NULL",),
        order_by=attribute,
        descending=True,
        rows=1,
    )
    found = await select(session, query, lambda rows: timestamps(column(rows, attribute)))
    newest: datetime | None = found[0].as_py() if len(found) else None
    return newest


def _literal(time: datetime) -> str:
    return f"#{time:%Y-%m-%dT%H:%M:%S}Z#"
