"""Ids of one namespace in exported profiles, a row for each id, whole columns at a time (rtcdp 1.6, 2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience_gateway_rtcdp.shared_devices import DEVICE

_PAGE_ROWS = 100_000
_OURS = frozenset({"id", "others", "may_be_several"})
_MEMORY = "256MB"
_IDS = """
SELECT
    unnest(CASE WHEN len(ids) > 0 THEN ids ELSE [NULL] END) AS id, others,
    coalesce(len(list_distinct(ids)) > 1 AND len(devices) > 0 AND lower($1) <> $2, false) AS may_be_several{consents}
FROM (
    SELECT *, {ids_of_asked} AS ids, {ids_of_devices} AS devices, coalesce(flatten(list_transform(
        list_filter(map_entries("identityMap"), lambda entry: lower(entry.key) <> lower($1)),
        lambda entry: list_transform(entry.value, lambda identity: {{'namespace': entry.key, 'id': identity.id}})
    )), []) AS others
    FROM read_parquet($3)
)
"""
_IDS_OF = """flatten(list_transform(
    list_filter(map_entries("identityMap"), lambda entry: lower(entry.key) = lower({namespace})),
    lambda entry: list_transform(entry.value, lambda identity: identity.id)
))
"""


def rows_of(file: Path, namespace: str, consents: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches with a column `id`, one of whether the profile may be that of several people, and one for each consent.

    The columns of consents that the file has bear their names.

    The column `others` has the identities of the same profile in other namespaces, each with `namespace` and `id`. A
    profile without an id of the namespace is a row without id; one with several is several rows. The order is that of
    the file, the same each time. Raises duckdb.Error and ArrowException for a file that cannot be read.
    """
    schema = pq.read_schema(file)
    there = {name: path for name in consents if (path := _path(schema, name.split("_")))}
    columns = "".join(f", {path} AS {_quoted(name)}" for name, path in there.items())
    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY}) as database:
        asked, devices = (_IDS_OF.format(namespace=parameter) for parameter in ("$1", "$2"))
        query = _IDS.format(consents=columns, ids_of_asked=asked, ids_of_devices=devices)
        found = database.sql(query, params=[namespace, DEVICE, str(file)])
        yield from found.to_arrow_reader(_PAGE_ROWS)


def consents_in(batch: pa.RecordBatch) -> Mapping[str, pa.StringArray]:
    """The columns of consents by their names."""
    return {name: batch.column(name).cast(pa.string()) for name in batch.schema.names if name not in _OURS}


def only_elsewhere(batch: pa.RecordBatch) -> pa.BooleanArray:
    """Of which rows the profile has ids, and all of them in other namespaces."""
    return pc.and_(pc.is_null(batch.column("id")), pc.greater(pc.list_value_length(batch.column("others")), 0))


def _path(schema: pa.Schema, names: Sequence[str]) -> str:
    """A nested field, as a query names it; empty if the file does not have it."""
    fields = schema
    for name in names:
        position = fields.get_field_index(name)
        if position < 0:
            return ""
        field = fields.field(position)
        fields = field.type if pa.types.is_struct(field.type) else pa.struct([])
    return ".".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
