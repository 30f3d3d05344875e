"""Join keys: the first 16 bytes of SHA-256 over id type, data source and normalised value, as UUID.

Never as text, which joins several times slower, and never as a 128-bit integer, which DuckDB writes to
Parquet as DOUBLE, so that keys are rounded and people merge.
"""

from __future__ import annotations

from functools import cache
from itertools import count

import pyarrow as pa
import pyarrow.compute as pc
from datafusion import SessionConfig, SessionContext, col
from datafusion.functions import sha256

_KEY_BITS = 128
_KEY_BYTES = _KEY_BITS // 8
_ROWS_AT_ONCE = 50_000
_UUID = pa.uuid()
MOST_PARTITION_BITS = 8
"""Files of keys are split into 256 partitions at most: a partition is told by the first byte of a key."""

_names = count()


def make_keys(values: pa.StringArray | pa.ChunkedArray, *space: str) -> pa.ChunkedArray:
    """The key (UUID) of each of some texts, in their order, in the space that the names span; null stays null."""
    prefix = "".join(f"{name}\x1f" for name in space)
    column = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    parts = (column.slice(first, _ROWS_AT_ONCE) for first in range(0, len(column), _ROWS_AT_ONCE))
    keys = [pc.binary_slice(_digests(part, prefix), 0, _KEY_BYTES).cast(_UUID.storage_type) for part in parts]
    return pa.chunked_array([pa.ExtensionArray.from_storage(_UUID, part) for part in keys], _UUID)


def _digests(values: pa.ChunkedArray, prefix: str) -> pa.BinaryArray:
    name = f"ids_{next(_names)}"  # tables are seen by all threads
    column = pc.binary_join_element_wise(prefix, values.combine_chunks(), "")
    try:
        found = _engine().from_arrow(pa.table({"value": column}), name).select(sha256(col("value"))).collect()
    finally:
        _engine().deregister_table(name)
    return pa.chunked_array([batch.column(0) for batch in found], pa.binary()).combine_chunks()


@cache
def _engine() -> SessionContext:
    # One for the process, where others hash at the same time: a thread each.
    options = {"datafusion.execution.target_partitions": "1", "datafusion.execution.batch_size": str(_ROWS_AT_ONCE)}
    return SessionContext(SessionConfig(options))


def partition_expression(column: str, bits: int) -> str:
    """SQL expression of the partition that a key falls in: its top bits as a number from 0 to 2 ** bits - 1."""
    return f"CAST(CAST({column} AS UHUGEINT) >> {_KEY_BITS - bits} AS UTINYINT)" if bits else "CAST(0 AS UTINYINT)"


def by_partition(rows: pa.Table) -> pa.Table:
    """Rows (with a key) in the order of partitions, however many these are; those without a key come last."""
    # Not in the order of keys: that costs more, and a partition is not found any better.
    keys = pa.chunked_array([part.storage for part in rows.column("key").chunks], _UUID.storage_type)
    order = pc.sort_indices(pc.binary_slice(keys, 0, 1).combine_chunks().view(pa.uint8()))
    columns = [
        column if column.null_count == len(column) else column.take(order) for column in rows.combine_chunks().columns
    ]
    return pa.table(columns, schema=rows.schema)


def partition_name(partition: int) -> str:
    """Name of a partition's directory, below the one of its set of files."""
    return f"{partition:02x}"
