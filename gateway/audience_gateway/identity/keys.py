"""Join keys: the first 16 bytes of SHA-256 over id type, data source and normalised value, as UUID.

Never as text, which joins several times slower, and never as a 128-bit integer, which DuckDB writes to
Parquet as DOUBLE, so that keys are rounded and people merge.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_KEY_BITS = 128
_KEY_BYTES = _KEY_BITS // 8
_UUID = pa.uuid()
MOST_PARTITION_BITS = 8
"""Files of keys are split into 256 partitions at most: a partition is told by the first byte of a key."""


def make_keys(values: pa.StringArray | pa.ChunkedArray, *space: str) -> pa.ChunkedArray:
    """The key (UUID) of each of some texts, in their order, in the space that the names span; null stays null."""
    from audience_gateway.identity.digests import MOST_ROWS, digests  # noqa: PLC0415  # large, and starting needs no keys

    prefix = "".join(f"{name}\x1f" for name in space)
    column = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    parts = (column.slice(first, MOST_ROWS).combine_chunks() for first in range(0, len(column), MOST_ROWS))
    made = (digests(pc.binary_join_element_wise(prefix, part, "")) for part in parts)
    keys = [pc.binary_slice(digest, 0, _KEY_BYTES).cast(_UUID.storage_type) for digest in made]
    return pa.chunked_array([pa.ExtensionArray.from_storage(_UUID, part) for part in keys], _UUID)


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
