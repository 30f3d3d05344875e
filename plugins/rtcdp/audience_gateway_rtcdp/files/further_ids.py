"""Ids of further data sources: further columns of an export."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from audience_gateway.sdk import DataSource


def further_ids_of(columns: Sequence[pa.StringArray], sources: Sequence[DataSource]) -> pa.RecordBatch | None:
    """The columns under the names of all data sources but the first; None if there is one."""
    names = [source.name for source in sources[1:]]
    return pa.record_batch(list(columns), names=names) if names else None
