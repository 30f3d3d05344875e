"""Ids of further data sources: further columns of a file."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import DataSource


def further_ids_of(columns: Sequence[pa.StringArray], sources: Sequence[DataSource]) -> pa.RecordBatch | None:
    """The columns under the names of the data sources, None for no sources. Text that is empty is no id."""
    if not sources:
        return None
    null = pa.scalar(None, pa.string())
    return pa.record_batch(
        [pc.if_else(pc.equal(column, ""), null, column) for column in columns],
        names=[source.name for source in sources],
    )
