"""Stage normalise, where rows have ids of several data sources: the keys of each row, in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience_gateway.identity.keys import make_keys
from audience_gateway.identity.normalisation import normalise
from audience_gateway.transfers import columns
from audience_gateway.transfers.chunk_files import ChunkFile
from audience_gateway.transfers.task import Task, Way

BY_NONE = -1
"""Rank of a row that cannot be read, and so goes by no data source."""
_BROKEN = f"""
    SELECT row, CAST({BY_NONE} AS TINYINT) AS rank, CAST(NULL AS UUID) AS key, opted_out, defect AS reason
    FROM members WHERE defect IS NOT NULL"""


def rank_chunk(task: Task, number: int) -> int:
    """Writes a line for each row of a chunk and each data source. Answers the rows."""
    path = task.workspace.chunk("extract", number)
    members = pq.read_table(path).combine_chunks()
    encoded = ChunkFile.read(path).encoded
    with task.relations.session() as session:
        parts = [_BROKEN]
        for rank, (way, ids) in enumerate(_ids(task, members)):
            name = f"ranked_{rank}"
            session.arrow(name, _judged(members, way, ids, encoded=encoded))
            parts.append(f"SELECT row, {rank}, key, opted_out, reason FROM {name} WHERE readable")
        session.arrow("members", members.select(["row", "opted_out", "defect"]))
        session.publish(" UNION ALL ".join(parts), task.workspace.chunk("ranked", number), ordered_by="key")
    return int(members.num_rows)


def _ids(task: Task, members: pa.Table) -> Iterator[tuple[Way, pa.StringArray]]:
    names = ["id", *columns.further_id_names(len(task.further))]
    for way, name in zip(task.ways, names, strict=True):
        yield way, pa.concat_arrays(members.column(name).chunks)


def _judged(members: pa.Table, way: Way, ids: pa.StringArray, *, encoded: bool) -> pa.Table:
    normalised = normalise(way.strategy, ids, way.source, encoded=encoded)
    return pa.table(
        {
            "row": members.column("row"),
            "key": make_keys(normalised.values, way.source.id_type, way.source.name),
            "opted_out": members.column("opted_out"),
            "reason": normalised.reasons,
            "readable": pc.is_null(members.column("defect")),
        }
    )
