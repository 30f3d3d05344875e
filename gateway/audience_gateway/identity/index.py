"""The identity index: which record of a connection owns which id, as Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience_gateway.identity.keys import key_expression
from audience_gateway.identity.normalisation import normalise
from audience_gateway.sdk import DataSource, IndexPage, Permanent, Reconciler
from audience_gateway.storage.relations import Relations

COLUMNS = {
    "key": "UUID",
    "target": "VARCHAR",
    "last_seen": "TIMESTAMPTZ",
    "opted_out": "BOOLEAN",
}
"""Columns of an index file with their DuckDB types."""

_FOOTER = "resume_token"


def write_index(
    pages: Sequence[IndexPage], strategy: Reconciler, source: DataSource, relations: Relations, path: Path
) -> int:
    """Writes the entries of some pages whose id is valid, and answers how many; the others can match nothing."""
    encoded = {page.encoded for page in pages}
    if len(encoded) > 1:
        raise Permanent(
            "the connector mixes encoded ids with others", remedy="Report this to the author of the plugin."
        )
    entries = pa.Table.from_batches([page.entries.columns for page in pages]).combine_chunks()
    ids = pa.concat_arrays(entries.column("id").chunks)
    values = normalise(strategy, ids, source, encoded=encoded.pop()).values
    key = key_expression("value", source.id_type, source.name)
    with relations.session() as session:
        session.arrow("valid", entries.set_column(0, "value", values).filter(pc.is_valid(values)))
        return session.write(
            f"SELECT {key} AS key, target, last_seen, opted_out FROM valid",
            path,
            {_FOOTER: pages[-1].resume_token},
        )


def resume_token(path: Path) -> str:
    """Where reading the index goes on behind an index file."""
    metadata: dict[bytes, bytes] = pq.read_metadata(path).metadata
    return metadata[_FOOTER.encode()].decode()
