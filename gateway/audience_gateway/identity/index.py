"""The identity index: which record of a connection owns which id, as Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

_TOKEN = "resume_token"  # noqa: S105  # no secret
_LAST = "last"


def write_index(
    pages: Sequence[IndexPage],
    strategy: Reconciler,
    source: DataSource,
    relations: Relations,
    path: Path,
    *,
    last: bool,
) -> None:
    """Writes the entries of some pages whose id is valid; the others can match nothing. A file that is there counts.

    `last` says whether these are the last pages.
    """
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
        session.publish(
            f"SELECT {key} AS key, target, last_seen, opted_out FROM valid",
            path,
            {_TOKEN: pages[-1].resume_token, _LAST: "yes" if last else "no"},
        )


@dataclass(frozen=True, slots=True)
class IndexFile:
    """What an index file says about itself.

    Attributes:
        entries: its entries.
        resume_token: where reading goes on behind it.
        last: whether there are no further entries.
    """

    entries: int
    resume_token: str
    last: bool

    @classmethod
    def read(cls, path: Path) -> IndexFile:
        """Of the file at a path."""
        metadata = pq.read_metadata(path)
        kept: dict[bytes, bytes] = metadata.metadata
        return cls(metadata.num_rows, kept[_TOKEN.encode()].decode(), kept.get(_LAST.encode()) == b"yes")
