"""Entries of an identity index, from the rows of a crosswalk file."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import DataSource, IndexBatch
from audience_gateway.sdk.row_files.dialect import Rows
from audience_gateway.sdk.row_files.header import Column

from audience_gateway_files.settings import IndexSettings

_NOT_OPTED_OUT = pa.array(["", "0", "n", "no", "f", "false"])
_MOMENT = pa.timestamp("us", tz="UTC")


def columns_of(settings: IndexSettings, source: DataSource | None = None) -> list[Column]:
    """The columns to read: id, of a data source or of any, target, and those of the optional ones that are set."""
    optional = (settings.last_seen_column, settings.opted_out_column)
    ids = settings.id_column_of(source) if source else settings.id_column
    return [ids, settings.target_column, *(column for column in optional if column is not None)]


def entries(rows: Rows, settings: IndexSettings) -> IndexBatch:
    """The entries; a row with a defect, or without a target, is none."""
    ids, targets, *optional = rows.columns
    seen = optional.pop(0) if settings.last_seen_column is not None else None
    opted_out = optional.pop(0) if settings.opted_out_column is not None else None
    owned = pc.greater(pc.fill_null(pc.binary_length(targets), 0), 0)
    columns = [
        pc.if_else(owned, ids, pa.scalar(None, pa.string())),
        targets,
        pa.nulls(len(rows), _MOMENT) if seen is None else _moments(seen),
        pa.repeat(pa.scalar(False), len(rows)) if opted_out is None else _flags(opted_out),
    ]
    return IndexBatch(pa.record_batch(columns, schema=IndexBatch.SCHEMA))


def _moments(column: pa.StringArray) -> pa.TimestampArray:
    """Times in UTC, whatever offset they are written with; null where there is none that can be read."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")  # of times without an offset
        times = connection.from_arrow(pa.table({"time": column}))
        chunks = times.project("epoch_us(try_cast(time AS TIMESTAMPTZ)) AS time").to_arrow_table().column("time").chunks
    return (pa.concat_arrays(chunks) if chunks else pa.array([], pa.int64())).cast(_MOMENT)


def _flags(column: pa.StringArray) -> pa.BooleanArray:
    """Whether each person opted out; what cannot be understood counts as opted out, nothing at all does not."""
    known = pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(column, "")))
    return pc.invert(pc.is_in(known, value_set=_NOT_OPTED_OUT))
