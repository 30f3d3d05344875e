"""Ids of further data sources in files: columns beside the rows that they were read with."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from audience_gateway.sdk import MemberPage, Permanent
from audience_gateway.transfers import columns


def further_id_columns(pages: Sequence[MemberPage], names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    """The ids that further data sources have in some pages, by the names of their columns in files.

    Raises Permanent for a page that has not exactly those of these data sources.
    """
    if not names:
        return {}
    wanted = pa.schema([pa.field(name, pa.string()) for name in names])
    found = []
    for page in pages:
        batch = page.further_ids
        if batch is None or not batch.schema.equals(wanted) or batch.num_rows != len(page.members):
            raise Permanent(
                "the connector did not read the ids of all data sources that it was asked for",
                remedy="Report this to the author of the plugin.",
            )
        found.append(batch)
    table = pa.Table.from_batches(found, wanted)
    return dict(zip(columns.further_id_names(len(names)), table.columns, strict=True))


def named_further_ids(rows: pa.Table, names: Sequence[str]) -> pa.RecordBatch | None:
    """The further ids of some rows of files, under the names of their data sources; None if there are none."""
    if not names:
        return None
    found = (rows.column(column).chunks for column in columns.further_id_names(len(names)))
    arrays = [pa.concat_arrays(chunks) if chunks else pa.array([], pa.string()) for chunks in found]
    return pa.record_batch(arrays, names=list(names))
