"""Rows of an answer as columns: attributes by the expression that selected them (campaign 3.3, 3.6)."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Permanent
from lxml import etree

from audience_gateway_campaign.envelope import Element
from audience_gateway_campaign.query import path_of

Column = list[str | None]
"""Values of one attribute; None where the record has none, which Campaign writes as an empty text."""

_TIMESTAMP = pa.timestamp("us", tz="UTC")


def column(rows: Sequence[Element], expression: str) -> Column:
    """Read one selected expression of all rows."""
    links, attribute = path_of(expression)
    if not links:
        return [row.get(attribute) or None for row in rows]
    holders: Sequence[Element | None] = rows
    for link in links:
        # A wildcard namespace is several times slower to find than the rows' own one.
        tag = etree.QName(rows[0].nsmap.get(None), link) if rows else link
        holders = [None if holder is None else next(holder.iterchildren(tag), None) for holder in holders]
    return [None if holder is None else holder.get(attribute) or None for holder in holders]


def flag(rows: Sequence[Element], expressions: Sequence[str]) -> pa.BooleanArray:
    """Tell of each row whether any of several boolean expressions is set."""
    flags = pa.repeat(pa.scalar(False), len(rows))
    for expression in expressions:
        flags = pc.or_(flags, pa.array([value in {"1", "true"} for value in column(rows, expression)], type=pa.bool_()))
    return flags


def timestamps(values: Column) -> pa.TimestampArray:
    """Read Campaign's timestamps, such as `2026-01-02 03:04:05.678Z`. Raises Permanent if one cannot be read."""
    texts = pa.array(values, type=pa.string())
    plain = pc.replace_substring(pc.utf8_rtrim(texts, characters="Z"), pattern="/", replacement="-")
    try:
        return plain.cast(pa.timestamp("us")).cast(_TIMESTAMP)
    except pa.ArrowInvalid:
        raise Permanent(
            "A timestamp of Campaign cannot be read.", remedy="Check that the attribute is of type datetime."
        ) from None
