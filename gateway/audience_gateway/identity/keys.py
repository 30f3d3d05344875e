"""Join keys: the first 16 bytes of SHA-256 over id type, data source and normalised value, as UUID.

Never as text, which joins several times slower, and never as a 128-bit integer, which DuckDB writes to
Parquet as DOUBLE, so that keys are rounded and people merge.
"""

from __future__ import annotations

_KEY_BITS = 128
MOST_PARTITION_BITS = 8
"""Files of keys are split into 256 partitions at most: a partition is told by the first byte of a key."""


def key_expression(column: str, *space: str) -> str:
    """SQL expression of the key of a text column in the space that the names span; null stays null."""
    prefix = "".join(f"{name}\x1f" for name in space).replace("'", "''")
    return f"CAST(unhex(left(sha256('{prefix}' || {column}), 32)) AS UUID)"


def partition_expression(column: str, bits: int) -> str:
    """SQL expression of the partition that a key falls in: its top bits as a number from 0 to 2 ** bits - 1."""
    return f"CAST(CAST({column} AS UHUGEINT) >> {_KEY_BITS - bits} AS UTINYINT)" if bits else "CAST(0 AS UTINYINT)"


def partition_name(partition: int) -> str:
    """Name of a partition's directory, below the one of its set of files."""
    return f"{partition:02x}"
