"""Reads the members of a list with their ids, from an attribute of the recipient or from its tracking logs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import ConfigError, DataSource, MemberBatch, MemberPage, ReadRequest

from audience_gateway_campaign.batches import gathered
from audience_gateway_campaign.columns import Column, column, flag
from audience_gateway_campaign.envelope import Element
from audience_gateway_campaign.keyset import KEY, Page, Span, pages, spans
from audience_gateway_campaign.lists import existing_list, members_of
from audience_gateway_campaign.query import Query, key_literal
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.reconciliation_key import ReconciliationKey, reconciliation_key
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings

_OWNER = "[@recipient-id]"
_FURTHER = "id of "


@dataclass(frozen=True, slots=True)
class _Recipients:
    """A page of recipients, column by column."""

    keys: Column
    ids: Sequence[Column]
    opted_out: pa.BooleanArray


async def read_members(
    session: Session, settings: CampaignSettings, request: ReadRequest
) -> AsyncGenerator[MemberPage, None]:
    """Read members in order of the recipients' keys; the resume token is the key of the last recipient."""
    keys = {source.name: reconciliation_key(source) for source in (request.source, *request.further)}
    await existing_list(session, request.audience)
    attributes = dict.fromkeys(key.expression for key in keys.values() if not key.in_tracking_logs)
    query = Query(
        schema="nms:recipient",
        select=(KEY, *attributes, *settings.opt_out_attributes),
        where=(members_of(request.audience),),
        rows=settings.page_rows,
    )
    fetch = partial(_fetch, session, query, keys, settings.opt_out_attributes)
    parts = await spans(session, query, request.after)
    async with aclosing(pages(fetch, parts, page_rows=settings.page_rows, concurrency=settings.concurrency)) as read:
        async for batch, token in gathered(read):
            further = batch.select([f"{_FURTHER}{source.name}" for source in request.further])
            named = further.rename_columns([source.name for source in request.further]) if request.further else None
            yield MemberPage(MemberBatch(batch.select(MemberBatch.SCHEMA.names)), token, further_ids=named)


def check_several_ids(sources: Sequence[DataSource]) -> None:
    """Raises ConfigError for data sources of which more than one has its ids in tracking logs."""
    logged = [source.name for source in sources if reconciliation_key(source).in_tracking_logs]
    if len(logged) > 1:
        raise ConfigError(
            "Members are read with ids of one attribute of their tracking logs.",
            place=f"data_sources.{logged[1]}.reconciliation_key",
            remedy="Name only one data source whose ids are in tracking logs.",
        )


async def _fetch(
    session: Session,
    query: Query,
    keys: Mapping[str, ReconciliationKey],
    opt_outs: Sequence[str],
    span: Span,
) -> Page[pa.RecordBatch]:
    found = await select(session, span.of(query), partial(_recipients, [*keys.values()], opt_outs))
    rows = pa.arange(0, len(found.keys)) if found.keys else pa.array([], pa.int64())
    columns = [pa.array(ids, type=pa.string()) for ids in found.ids]
    for place, key in enumerate(keys.values()):
        if key.in_tracking_logs:
            logged = await _ids_in_tracking_logs(session, key, found.keys, query.rows)
            lists = pa.array([logged.get(each or "", [None]) for each in found.keys], pa.list_(pa.string()))
            rows = pc.list_parent_indices(lists)
            columns = [each.take(rows) for each in columns]
            columns[place] = pc.list_flatten(lists)
    batch = MemberBatch.of(columns[0], opted_out=found.opted_out.take(rows)).columns
    for source, ids in list(zip(keys, columns, strict=True))[1:]:
        batch = batch.append_column(f"{_FURTHER}{source}", ids)
    return Page(batch, len(found.keys), found.keys[-1] if found.keys else None)


def _recipients(keys: Sequence[ReconciliationKey], opt_outs: Sequence[str], rows: Sequence[Element]) -> _Recipients:
    nothing: Column = [None] * len(rows)
    ids = [nothing if key.in_tracking_logs else column(rows, key.expression) for key in keys]
    return _Recipients(column(rows, KEY), ids, flag(rows, opt_outs))


async def _ids_in_tracking_logs(
    session: Session, key: ReconciliationKey, recipients: Column, page_rows: int
) -> dict[str, list[str]]:
    """Read the distinct ids of each recipient, in order of their text."""
    owners = ", ".join(key_literal(recipient) for recipient in recipients if recipient)
    query = Query(
        schema="nms:trackingLogRcp",
        select=(KEY, _OWNER, key.expression),
        where=(f"{_OWNER} IN ({owners})",),
        rows=page_rows,
    )
    ids: dict[str, set[str]] = defaultdict(set)

    async def fetch(span: Span) -> Page[list[tuple[str | None, str | None]]]:
        keys, owned = await select(
            session,
            span.of(query),
            lambda rows: (
                column(rows, KEY),
                list(zip(column(rows, _OWNER), column(rows, key.expression), strict=True)),
            ),
        )
        return Page(owned, len(keys), keys[-1] if keys else None)

    if owners:
        async with aclosing(pages(fetch, [Span(None)], page_rows=page_rows, concurrency=1)) as read:
            async for owned, _ in read:
                for owner, id_ in owned:
                    if owner and id_:
                        ids[owner].add(id_)
    return {owner: sorted(found) for owner, found in ids.items()}
