"""Runs query documents against Campaign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from audience_gateway_campaign.envelope import Call, Element, first_child
from audience_gateway_campaign.query import Query
from audience_gateway_campaign.session import Results, Session

T = TypeVar("T")
RowReader = Callable[[Sequence[Element]], T]


async def select(session: Session, query: Query, read: RowReader[T]) -> T:
    """Run a query and read its rows, large answers off the event loop."""
    return await session.call(_execute(query.document()), lambda results: read(_rows(results)))


async def count(session: Session, query: Query) -> int:
    """Count the records that a query would find."""
    return await session.call(_execute(query.document("count")), _count)


def _execute(document: Element) -> Call:
    return Call("xtk:queryDef", "ExecuteQuery", {"entity": document})


def _rows(results: Results) -> list[Element]:
    collection = first_child(results[0]) if results else None
    return [] if collection is None else list(collection.iterchildren("*"))


def _count(results: Results) -> int:
    record = first_child(results[0]) if results else None
    return 0 if record is None else int(record.get("count") or 0)
