"""Reads the members of a list with their ids, from an attribute of the recipient or from its tracking logs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import MemberBatch, MemberPage, ReadRequest

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


@dataclass(frozen=True, slots=True)
class _Recipients:
    """A page of recipients, column by column."""

    keys: Column
    ids: Column
    opted_out: pa.BooleanArray


async def read_members(
    session: Session, settings: CampaignSettings, request: ReadRequest
) -> AsyncGenerator[MemberPage, None]:
    """Read members in order of the recipients' keys; the resume token is the key of the last recipient."""
    key = reconciliation_key(request.source)
    await existing_list(session, request.audience)
    query = Query(
        schema="nms:recipient",
        select=(KEY, *(() if key.in_tracking_logs else (key.expression,)), *settings.opt_out_attributes),
        where=(members_of(request.audience),),
        rows=settings.page_rows,
    )
    fetch = partial(_fetch, session, query, key, settings.opt_out_attributes)
    parts = await spans(session, query, request.after)
    async with aclosing(pages(fetch, parts, page_rows=settings.page_rows, concurrency=settings.concurrency)) as read:
        async for batch, token in gathered(read):
            yield MemberPage(MemberBatch(batch), token)


async def _fetch(
    session: Session, query: Query, key: ReconciliationKey, opt_outs: Sequence[str], span: Span
) -> Page[pa.RecordBatch]:
    found = await select(session, span.of(query), partial(_recipients, key, opt_outs))
    members = (
        _one_row_per_id(found, await _ids_in_tracking_logs(session, key, found.keys, query.rows))
        if key.in_tracking_logs
        else MemberBatch.of(pa.array(found.ids, type=pa.string()), opted_out=found.opted_out)
    )
    return Page(members.columns, len(found.keys), found.keys[-1] if found.keys else None)


def _recipients(key: ReconciliationKey, opt_outs: Sequence[str], rows: Sequence[Element]) -> _Recipients:
    ids = [] if key.in_tracking_logs else column(rows, key.expression)
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


def _one_row_per_id(found: _Recipients, ids: dict[str, list[str]]) -> MemberBatch:
    per_recipient = [ids.get(recipient or "", [None]) for recipient in found.keys]
    lists = pa.array(per_recipient, type=pa.list_(pa.string()))
    return MemberBatch.of(pc.list_flatten(lists), opted_out=found.opted_out.take(pc.list_parent_indices(lists)))
