"""Files of what was read of an identity index: which record of a connection owns which id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience_gateway.identity.keys import by_partition, make_keys
from audience_gateway.identity.normalisation import normalise
from audience_gateway.sdk import DataSource, IndexChangesPage, IndexPage, Permanent, Reconciler
from audience_gateway.storage.column_files import publish_columns

COLUMNS = {
    "key": "UUID",
    "target": "VARCHAR",
    "last_seen": "TIMESTAMPTZ",
    "opted_out": "BOOLEAN",
}
"""Columns of an index file with their DuckDB types."""

_TOKEN = "resume_token"  # noqa: S105  # no secret
_LAST = "last"
RECORD = "target"
"""The column of records."""
ORDERED = "ordered"
"""Name in the footer: `yes` if records came in the order of their keys, so that none of them is there twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChunk:
    """Entries that were read together and are kept as one file.

    Attributes:
        entries: columns key, target, last_seen, opted_out; the key is null where the id is not valid.
        replaced: records whose entries of before do not count any more; None where everything is read.
        resume_token: where reading goes on behind them.
        last: whether there are no further entries.
    """

    entries: pa.Table
    replaced: pa.ChunkedArray | None
    resume_token: str
    last: bool

    @classmethod
    def of(
        cls, pages: Sequence[IndexPage | IndexChangesPage], strategy: Reconciler, source: DataSource, *, last: bool
    ) -> IndexChunk:
        """The entries of some pages, at least one, with the keys of what a strategy makes of their ids.

        Raises Permanent for pages that mix encoded ids with others.
        """
        if len({page.encoded for page in pages}) > 1:
            raise Permanent(
                "the connector mixes encoded ids with others", remedy="Report this to the author of the plugin."
            )
        keyed = [_keyed(page.entries.columns, strategy, source, encoded=page.encoded) for page in pages]
        replaced = [page.replaced for page in pages if isinstance(page, IndexChangesPage)]
        return cls(
            entries=pa.concat_tables(keyed),
            replaced=pa.chunked_array(replaced, pa.string()) if replaced else None,
            resume_token=pages[-1].resume_token,
            last=last,
        )


def write_index(
    chunk: IndexChunk,
    path: Path,
    *,
    by_key: bool,
    provenance: Mapping[str, str],
) -> None:
    """Writes the entries whose id is valid; the others can match nothing. A file that is there counts.

    A record whose entries of before do not count any more is a row without a key.

    Args:
        chunk: the entries.
        path: the file.
        by_key: whether entries lie in the order of partitions of keys, so that one is found without looking at all.
        provenance: where the entries are from, as the file is to say.
    """
    ordered = chunk.replaced is None and _are_ordered(chunk.entries.column(RECORD))
    footer = {
        _TOKEN: chunk.resume_token,
        _LAST: "yes" if chunk.last else "no",
        ORDERED: "yes" if ordered else "no",
        **provenance,
    }
    rows = chunk.entries.select(list(COLUMNS))
    if rows.column("key").null_count:
        rows = rows.filter(pc.is_valid(rows.column("key")))
    if chunk.replaced is not None:
        rows = pa.concat_tables([rows, _replacing(chunk.replaced, rows.schema)])
    publish_columns(by_partition(rows) if by_key else rows, path, footer)


def _replacing(records: pa.ChunkedArray, schema: pa.Schema) -> pa.Table:
    rows = len(records)
    keys, seen = pa.nulls(rows, schema.field("key").type), pa.nulls(rows, schema.field("last_seen").type)
    return pa.table([keys, records, seen, pa.repeat(pa.scalar(False), rows)], schema=schema)


def _keyed(entries: pa.RecordBatch, strategy: Reconciler, source: DataSource, *, encoded: bool) -> pa.Table:
    """The entries with keys instead of ids, null where an id is not valid."""
    values = normalise(strategy, entries.column("id"), source, encoded=encoded).values
    return pa.Table.from_batches([entries]).set_column(0, "key", make_keys(values, source.id_type, source.name))


def _are_ordered(records: pa.ChunkedArray) -> bool:
    pieces = [piece for piece in records.chunks if len(piece)]
    if records.null_count or any(pc.less(piece[:-1], piece[1:]).true_count < len(piece) - 1 for piece in pieces):
        return False
    # As UTF-8 the order of texts is that of their bytes.
    return all(before[-1].as_py() < behind[0].as_py() for before, behind in pairwise(pieces))


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
