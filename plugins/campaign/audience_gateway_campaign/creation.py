"""Creates recipients by their ids, which nothing but a transfer that asks for it does (campaign 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import pyarrow as pa
from audience_gateway.sdk import ConfigError, DataSource, IndexBatch, Refusal, WriteResult
from lxml import etree

from audience_gateway_campaign.envelope import Call
from audience_gateway_campaign.index import RECIPIENTS, Table, page_of, table_of
from audience_gateway_campaign.keyset import KEY
from audience_gateway_campaign.query import fits_xml, literal, path_of
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.reconciliation_key import ReconciliationKey, reconciliation_key
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings
from audience_gateway_campaign.splitting import Splitting
from audience_gateway_campaign.write_pace import WritePace

_IDS_OF_A_QUERY = 100


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    id: str


def check_creation(source: DataSource) -> None:
    """Raise ConfigError unless the recipient itself holds the ids, in an attribute that may be given to it."""
    obstacle = _obstacle(reconciliation_key(source))
    if obstacle:
        raise ConfigError(
            f"recipients are to be created by its ids, and {obstacle}",
            place=f"data_sources.{source.name}.reconciliation_key",
            remedy="Name a data source of an attribute of recipients such as `@email`, or share without creating any.",
        )


async def find_recipients(
    session: Session, settings: CampaignSettings, source: DataSource, ids: pa.StringArray
) -> IndexBatch:
    """Find the recipients that have some ids now."""
    table = table_of(reconciliation_key(source), settings.opt_out_attributes)
    asked = [each for each in ids.to_pylist() if fits_xml(each)]
    found = [pa.RecordBatch.from_pylist([], schema=IndexBatch.SCHEMA)]
    for first in range(0, len(asked), _IDS_OF_A_QUERY):
        found += await _find(session, table, settings.page_rows, asked[first : first + _IDS_OF_A_QUERY])
    return IndexBatch(pa.concat_batches(found))


async def create_recipients(
    session: Session, settings: CampaignSettings, source: DataSource, ids: pa.StringArray
) -> WriteResult:
    """Create a recipient for each id, or leave the one that has it; a repeat changes nothing."""
    rows = [_Row(index, each) for index, each in enumerate(ids.to_pylist())]
    sent = [row for row in rows if fits_xml(row.id)]
    refused = [
        Refusal(row.index, "not-in-xml", "The id holds a control character.") for row in rows if not fits_xml(row.id)
    ]
    send = partial(_send, session, reconciliation_key(source).expression)
    splitting = Splitting[_Row](send, WritePace(settings.write_rows, settings.concurrency))
    refused += [Refusal(row.index, fault.code, fault.detail) for row, fault in await splitting.write_all(sent)]
    return WriteResult(len(rows) - len(refused), tuple(sorted(refused, key=lambda refusal: refusal.index)))


def _obstacle(key: ReconciliationKey) -> str:
    if key.in_tracking_logs:
        return "these are in tracking logs, which recipients get when they click"
    if key.behind_link:
        return "another record holds these, which recipients link to"
    return "Campaign numbers recipients itself" if key.expression == KEY else ""


async def _find(session: Session, table: Table, rows: int, ids: Sequence[str]) -> list[pa.RecordBatch]:
    """Find them; an answer that is full may lack some, and is asked for in halves."""
    listed = ", ".join(map(literal, ids))
    query = replace(table, where=(f"{table.id} IN ({listed})",)).query(rows)
    page = await select(session, replace(query, order_by=KEY), partial(page_of, table))
    if page.rows < rows or len(ids) == 1:
        return [page.content]
    middle = len(ids) // 2
    return await _find(session, table, rows, ids[:middle]) + await _find(session, table, rows, ids[middle:])


async def _send(session: Session, expression: str, rows: Sequence[_Row]) -> None:
    collection = etree.Element("recipient-collection", xtkschema=RECIPIENTS)
    _, attribute = path_of(expression)
    for row in rows:
        # The key finds a recipient that is there, of which nothing is left to be changed then.
        asked = {"_operation": "insertOrUpdate", "_key": expression, attribute: row.id}
        etree.SubElement(collection, "recipient", asked)
    await session.call(Call("xtk:session", "WriteCollection", {"domDoc": collection}), len, refusals_count=True)
