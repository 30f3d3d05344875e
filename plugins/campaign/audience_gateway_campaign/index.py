"""Reads which recipient owns which id: the identity index of a data source."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import IndexBatch, IndexPage, IndexRequest

from audience_gateway_campaign.batches import gathered
from audience_gateway_campaign.columns import column, flag, timestamps
from audience_gateway_campaign.envelope import Element
from audience_gateway_campaign.keyset import KEY, Page, Span, pages, spans
from audience_gateway_campaign.query import Query
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.reconciliation_key import ReconciliationKey, reconciliation_key
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings

_NO_RECORD = "0"


RECIPIENTS = "nms:recipient"
LOGS = "nms:trackingLogRcp"


@dataclass(frozen=True, slots=True)
class Table:
    """Which table holds the entries, the expressions of their columns, and conditions that they must meet."""

    schema: str
    id: str
    target: str
    last_seen: str
    opt_outs: tuple[str, ...]
    where: tuple[str, ...] = ()

    def query(self, rows: int) -> Query:
        """Ask for the entries."""
        expressions = (KEY, self.id, self.target, self.last_seen, *self.opt_outs)
        return Query(schema=self.schema, select=tuple(dict.fromkeys(expressions)), where=self.where, rows=rows)


async def read_index(
    session: Session, settings: CampaignSettings, request: IndexRequest
) -> AsyncGenerator[IndexPage, None]:
    """Read the entries in order of the table's key, which is the resume token."""
    table = table_of(reconciliation_key(request.source), settings.opt_out_attributes)
    async with aclosing(batches_of(session, settings, table, request.after)) as read:
        async for batch, token in read:
            yield IndexPage(IndexBatch(batch), token)


async def batches_of(
    session: Session, settings: CampaignSettings, table: Table, after: str | None
) -> AsyncGenerator[tuple[pa.RecordBatch, str], None]:
    """Read the entries of a table as batches, each with the key behind which reading goes on."""
    query = table.query(settings.page_rows)

    async def fetch(span: Span) -> Page[pa.RecordBatch]:
        return await select(session, span.of(query), lambda rows: page_of(table, rows))

    parts = await spans(session, query, after)
    async with aclosing(pages(fetch, parts, page_rows=settings.page_rows, concurrency=settings.concurrency)) as read:
        async for batch, token in gathered(read):
            yield batch, token


def table_of(key: ReconciliationKey, opt_outs: Sequence[str]) -> Table:
    """Find out where the ids of a reconciliation key are."""
    if key.in_tracking_logs:
        of_recipient = tuple(f"[recipient/{attribute}]" for attribute in opt_outs)
        return Table(LOGS, key.expression, "[@recipient-id]", "@logDate", of_recipient)
    return Table(RECIPIENTS, key.expression, KEY, "@lastModified", tuple(opt_outs))


def page_of(table: Table, rows: Sequence[Element]) -> Page[pa.RecordBatch]:
    """Read the entries of an answer."""
    keys = column(rows, KEY)
    targets = pa.array(column(rows, table.target), type=pa.string())
    entries = pa.record_batch(
        [
            pa.array(column(rows, table.id), type=pa.string()),
            targets,
            timestamps(column(rows, table.last_seen)),
            flag(rows, table.opt_outs),
        ],
        schema=IndexBatch.SCHEMA,
    )
    # A link that leads nowhere has the key 0 in Campaign, and most tables have an empty record of that key.
    of_a_record = pc.fill_null(pc.not_equal(targets, _NO_RECORD), False)
    return Page(entries.filter(of_a_record), len(keys), keys[-1] if keys else None)
