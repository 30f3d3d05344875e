"""Runs query documents against Campaign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from audience_gateway.sdk import Permanent

from audience_gateway_campaign.envelope import Call, Element, first_child
from audience_gateway_campaign.query import Query
from audience_gateway_campaign.session import Results, Session

T = TypeVar("T")
RowReader = Callable[[Sequence[Element]], T]


async def select(session: Session, query: Query, read: RowReader[T]) -> T:
    """Run a query and read its rows, large answers off the event loop."""
    return await session.call(_execute(query.document()), lambda results: read(_rows(results)))


async def count(session: Session, query: Query) -> int:
    """Count the records that a query would find. Raises Permanent for an answer that does not tell."""
    return await session.call(_execute(query.document("count")), lambda results: _count(results, session.place))


def _execute(document: Element) -> Call:
    return Call("xtk:queryDef", "ExecuteQuery", {"entity": document})


def _rows(results: Results) -> list[Element]:
    collection = first_child(results[0]) if results else None
    return [] if collection is None else list(collection.iterchildren("*"))


def _count(results: Results, place: str) -> int:
    record = first_child(results[0]) if results else None
    counted = None if record is None else record.get("count")
    if counted is None or not counted.isdecimal():
        raise Permanent(
            "Campaign's answer to a count holds no count.",  # taken as none, it would pass for an empty table
            place=place,
            remedy="Check that nothing between the gateway and the instance rewrites answers.",
        )
    return int(counted)
