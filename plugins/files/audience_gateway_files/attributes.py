"""Attributes of members: further columns of a file."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


def attributes_of(columns: Sequence[pa.StringArray], names: Sequence[str]) -> pa.RecordBatch | None:
    """The columns under these names, None for no names. Text that is empty is no value: CSV cannot tell them apart."""
    if not names:
        return None
    null = pa.scalar(None, pa.string())
    return pa.record_batch([pc.if_else(pc.equal(column, ""), null, column) for column in columns], names=list(names))
