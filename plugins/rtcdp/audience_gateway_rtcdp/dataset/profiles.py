"""Ids of one namespace in exported profiles, a row for each id, whole columns at a time (rtcdp 1.6, 2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

_PAGE_ROWS = 100_000
_MEMORY = "256MB"
_IDS = """
SELECT unnest(CASE WHEN len(ids) > 0 THEN ids ELSE [NULL] END) AS id{consents}
FROM (
    SELECT *, flatten(list_transform(
        list_filter(map_entries("identityMap"), lambda entry: lower(entry.key) = lower(?)),
        lambda entry: list_transform(entry.value, lambda identity: identity.id)
    )) AS ids
    FROM read_parquet(?)
)
"""


def rows_of(file: Path, namespace: str, consents: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches with a column `id`, and one for each consent that the file has, under its name.

    A profile without an id of the namespace is a row without id; one with several is several rows. The order is that of
    the file, the same each time. Raises duckdb.Error and ArrowException for a file that cannot be read.
    """
    schema = pq.read_schema(file)
    there = {name: path for name in consents if (path := _path(schema, name.split("_")))}
    columns = "".join(f", {path} AS {_quoted(name)}" for name, path in there.items())
    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY}) as database:
        found = database.sql(_IDS.format(consents=columns), params=[namespace, str(file)])
        yield from found.to_arrow_reader(_PAGE_ROWS)


def consents_in(batch: pa.RecordBatch) -> Mapping[str, pa.StringArray]:
    """The columns of consents by their names."""
    return {name: batch.column(name).cast(pa.string()) for name in batch.schema.names if name != "id"}


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
