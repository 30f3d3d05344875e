"""Runs query documents against Campaign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from audience_gateway.sdk import Permanent
from lxml import etree

from audience_gateway_campaign.envelope import Call, Element, first_child, local_name
from audience_gateway_campaign.query import Query
from audience_gateway_campaign.session import Results, Session

T = TypeVar("T")
RowReader = Callable[[Sequence[Element]], T]


async def select(session: Session, query: Query, read: RowReader[T]) -> T:
    """Run a query and read its rows, large answers off the event loop."""
    return await session.call(_execute(query.document()), lambda results: read(_rows(results, query, session.place)))


async def count(session: Session, query: Query) -> int:
    """Count the records that a query would find. Raises Permanent for an answer that does not tell."""
    return await session.call(_execute(query.document("count")), lambda results: _count(results, session.place))


def _execute(document: Element) -> Call:
    return Call("xtk:queryDef", "ExecuteQuery", {"entity": document})


def _rows(results: Results, query: Query, place: str) -> list[Element]:
    record = query.schema.rpartition(":")[2]
    collection = first_child(results[0]) if len(results) == 1 else None
    if collection is None or local_name(collection) == record:
        raise _unreadable("Campaign's answer to a query holds no collection of rows.", place)
    rows = list(collection.iterchildren("*"))
    if any(etree.QName(tag).localname != record for tag in {row.tag for row in rows}):
        raise _unreadable(f"Campaign's answer to a query holds something else than `{record}`.", place)
    if not rows and (collection.attrib or (collection.text or "").strip()):
        raise _unreadable("Campaign's answer to a query holds something else than rows.", place)
    return rows


def _unreadable(message: str, place: str) -> Permanent:
    # Taken as none, it would pass for an empty table.
    return Permanent(
        message, place=place, remedy="Check that nothing between the gateway and the instance rewrites answers."
    )


def _count(results: Results, place: str) -> int:
    record = first_child(results[0]) if results else None
    counted = None if record is None else record.get("count")
    if counted is None or not counted.isdecimal():
        raise _unreadable("Campaign's answer to a count holds no count.", place)
    return int(counted)
