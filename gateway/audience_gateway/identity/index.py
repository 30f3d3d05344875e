"""Files of what was read of an identity index: which record of a connection owns which id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience_gateway.identity.keys import key_expression
from audience_gateway.identity.normalisation import normalise
from audience_gateway.sdk import DataSource, IndexChangesPage, IndexPage, Permanent, Reconciler
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
RECORD = "target"
"""The column of records."""
ORDERED = "ordered"
"""Name in the footer: `yes` if records came in the order of their keys, so that none of them is there twice."""
_NO_KEY = "CAST(NULL AS UUID)"
_NOWHERE: Mapping[str, str] = MappingProxyType({})


def write_index(
    pages: Sequence[IndexPage | IndexChangesPage],
    strategy: Reconciler,
    source: DataSource,
    relations: Relations,
    path: Path,
    *,
    last: bool,
    provenance: Mapping[str, str] = _NOWHERE,
) -> None:
    """Writes the entries of some pages whose id is valid; the others can match nothing. A file that is there counts.

    A record whose entries of before do not count any more is a row without a key.

    Args:
        pages: the pages.
        strategy: the strategy of the ids.
        source: their data source.
        relations: what is used to write.
        path: the file.
        last: whether these are the last pages.
        provenance: where the entries are from, as the file is to say.
    """
    encoded = {page.encoded for page in pages}
    if len(encoded) > 1:
        raise Permanent(
            "the connector mixes encoded ids with others", remedy="Report this to the author of the plugin."
        )
    valued = [_valued(page.entries.columns, strategy, source, encoded=page.encoded) for page in pages]
    key = key_expression("value", source.id_type, source.name)
    replaced = [page.replaced for page in pages if isinstance(page, IndexChangesPage)]
    entries = pa.Table.from_batches(valued)
    footer = {
        _TOKEN: pages[-1].resume_token,
        _LAST: "yes" if last else "no",
        ORDERED: "yes" if not replaced and _are_ordered(entries.column(RECORD).combine_chunks()) else "no",
        **provenance,
    }
    with relations.session() as session:
        session.arrow("entry", entries)
        rows = f"SELECT {key} AS key, target, last_seen, opted_out FROM entry WHERE value IS NOT NULL"
        if replaced:
            session.arrow("replaced", pa.table({"target": pa.chunked_array(replaced, pa.string())}))
            rows += f" UNION ALL SELECT {_NO_KEY}, target, NULL, false FROM replaced"
        session.publish(rows, path, footer)


def _valued(entries: pa.RecordBatch, strategy: Reconciler, source: DataSource, *, encoded: bool) -> pa.RecordBatch:
    """The entries with canonical values instead of ids, null where an id is not valid."""
    values = normalise(strategy, entries.column("id"), source, encoded=encoded).values
    return entries.set_column(0, "value", values)


def _are_ordered(records: pa.StringArray) -> bool:
    return bool(pc.less(records[:-1], records[1:]).true_count == max(0, len(records) - 1))


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
