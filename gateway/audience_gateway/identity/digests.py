"""SHA-256 of columns, with the instructions that processors have for it."""

from __future__ import annotations

from functools import cache
from itertools import count

import pyarrow as pa
from datafusion import SessionConfig, SessionContext, col
from datafusion.functions import sha256

MOST_ROWS = 50_000
"""So many are made by one thread at once, at most."""

_names = count()


def digests(texts: pa.StringArray) -> pa.BinaryArray:
    """The 32 bytes of each of so many texts at most, in their order; null stays null."""
    engine, name = _engine(), f"texts_{next(_names)}"  # tables are seen by all threads
    try:
        found = engine.from_arrow(pa.table({"text": texts}), name).select(sha256(col("text"))).collect()
    finally:
        engine.deregister_table(name)
    return pa.chunked_array([batch.column(0) for batch in found], pa.binary()).combine_chunks()


@cache
def _engine() -> SessionContext:
    # One for the process, where others hash at the same time: a thread each.
    options = {"datafusion.execution.target_partitions": "1", "datafusion.execution.batch_size": str(MOST_ROWS)}
    return SessionContext(SessionConfig(options))
