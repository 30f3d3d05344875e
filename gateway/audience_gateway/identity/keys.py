"""Join keys: the first 16 bytes of SHA-256 over id type, data source and normalised value, as UUID.

Never as text, which joins several times slower, and never as a 128-bit integer, which DuckDB writes to
Parquet as DOUBLE, so that keys are rounded and people merge.
"""

from __future__ import annotations


def key_expression(column: str, *space: str) -> str:
    """SQL expression of the key of a text column in the space that the names span; null stays null."""
    prefix = "".join(f"{name}\x1f" for name in space).replace("'", "''")
    return f"CAST(left(sha256('{prefix}' || {column}), 32) AS UUID)"
