"""One DuckDB expression over a column."""

from __future__ import annotations

from functools import cache

import duckdb
import pyarrow as pa


def computed(expression: str, column: pa.Array, parameters: dict[str, bytes] | None = None) -> pa.Array:
    """What the expression makes of each `value` of the column, in its order.

    Keys are parameters and never part of the query's text, which errors may show.
    """
    with _database().cursor() as connection:
        connection.register("ids", pa.table({"value": column}))
        query = f"SELECT {expression} AS result FROM ids"  # noqa: S608  # expressions are ours, ids stay in the column
        result = connection.sql(query, params=parameters).to_arrow_table().column("result")
    return pa.concat_arrays(result.chunks) if result.num_chunks else pa.array([], result.type)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    # One for the process: to open one takes as long as to hash fifty thousand ids.
    return duckdb.connect()
