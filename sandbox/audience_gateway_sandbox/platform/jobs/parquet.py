"""Profiles as a Parquet file, as exports have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_IDENTITY = pa.struct([("id", pa.string()), ("authenticatedState", pa.string()), ("primary", pa.bool_())])
_MEMBERSHIP = pa.struct([("lastQualificationTime", pa.string()), ("status", pa.string()), ("validUntil", pa.string())])
_MAPS = {
    "identityMap": pa.map_(pa.string(), pa.list_(_IDENTITY)),
    "segmentMembership": pa.map_(pa.string(), pa.map_(pa.string(), _MEMBERSHIP)),
}


def parquet_of(entities: Sequence[dict[str, Any]]) -> bytes:
    """Write profiles as Parquet: a column for each top-level field, identities and memberships as maps."""
    names = sorted({name for entity in entities for name in entity} | set(_MAPS))
    columns = {name: _column(name, [entity.get(name) for entity in entities]) for name in names}
    written = BytesIO()
    pq.write_table(pa.table(columns), written, compression="snappy")
    return written.getvalue()


def _column(name: str, values: list[Any]) -> pa.Array:
    kind = _MAPS.get(name)
    if kind is None:
        return _attribute(values)
    return pa.array([None if value is None else _items(value, kind) for value in values], kind)


def _attribute(values: list[Any]) -> pa.Array:
    """Make a column of what callers sent; where people's values are of different kinds, it is of JSON texts."""
    try:
        column = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return _texts(values)
    return _texts(values) if _has_empty_object(column.type) else column


def _texts(values: list[Any]) -> pa.Array:
    return pa.array([None if value is None else json.dumps(value) for value in values], pa.string())


def _has_empty_object(kind: pa.DataType) -> bool:
    """Tell whether Parquet cannot hold a type, which it cannot if an object of it has no member."""
    if pa.types.is_struct(kind):
        return kind.num_fields == 0 or any(_has_empty_object(field.type) for field in kind)
    return pa.types.is_list(kind) and _has_empty_object(kind.value_type)


def _items(value: dict[str, Any], kind: pa.MapType) -> list[tuple[str, Any]]:
    """Turn a map into pairs, and the maps in it too."""
    inner = kind.item_type
    return [(key, _items(item, inner) if pa.types.is_map(inner) else item) for key, item in value.items()]
