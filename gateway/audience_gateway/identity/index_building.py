"""Builds a version of an identity index out of the chunks of a reading, alone or on top of another version."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audience_gateway.identity.index import COLUMNS
from audience_gateway.identity.index_version import REPLACED, IndexVersion, Layer
from audience_gateway.identity.keys import MOST_PARTITION_BITS, partition_expression, partition_name
from audience_gateway.identity.record_order import come_in_order
from audience_gateway.storage.linked_files import link_files, publishing_directory
from audience_gateway.storage.relations import Relations, Session, files

_LOWEST = "0000"
_PARTITION_ROWS = 1_000_000
_FEW_CHUNKS = 64  # are all looked through for a partition, as each lies by key
_COUNTED_RECORDS = 4_000_000  # at a time, within the memory limit
_MOST_LAYERS = 16
_MOST_ABOVE = 0.1  # of the lowest layer; what lies above it is looked through for each of its entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read.

    Attributes:
        began: when the reading began, in UTC.
        mark: token of the connector's mark of then.
        complete: whether the connector can see all that changes after it.
        chunks: the files of `index.write_index`.
        provenance: what files are to say about where they are from.
    """

    began: datetime
    mark: str
    complete: bool
    chunks: Sequence[Path]
    provenance: Mapping[str, str]


def build_anew(read: Read, relations: Relations, directory: Path) -> IndexVersion:
    """A version of all that there is."""
    with publishing_directory(directory) as made, relations.session() as session:
        query = files(read.chunks, COLUMNS)
        [(entries,)] = session.rows(f"SELECT count(*) FROM ({query})")
        bits = _bits(entries) if len(read.chunks) > _FEW_CHUNKS else 0
        if bits:
            _write(session, query, made / _LOWEST, bits, read.provenance)
        else:
            _take(read.chunks, made / _LOWEST / partition_name(0))
        layers = (Layer(_LOWEST, read.began, entries, 0),)
        distinct = come_in_order(read.chunks) or _distinct_records(session, query, entries)
        _version(made, read, read.began, bits, layers, entries=entries, distinct_records=distinct).describe()
    return _made(directory)


def build_upon(base: IndexVersion, read: Read, relations: Relations, directory: Path) -> IndexVersion:
    """A version with what has changed since another one, with which it shares files."""
    with publishing_directory(directory) as made, relations.session() as session:
        session.view("change", files(read.chunks, COLUMNS))
        session.table("replaced", "SELECT DISTINCT target FROM change WHERE key IS NULL")
        session.table("told", "SELECT DISTINCT * FROM change WHERE key IS NOT NULL")
        # What is told again as it was must not lie there twice.
        session.view("left_over", f"FROM ({base.query()}) ANTI JOIN replaced USING (target)")
        session.table("new", "FROM told EXCEPT FROM (FROM left_over SEMI JOIN told USING (key))")
        counts = "(SELECT count(*) FROM left_over), (SELECT count(*) FROM new), (SELECT count(*) FROM replaced)"
        [(left, new, replaced)] = session.rows(f"SELECT {counts}")
        if _too_much_above(base, new + replaced):
            bits = _bits(left + new)
            _write(session, "FROM left_over UNION ALL FROM new", made / _LOWEST, bits, read.provenance)
            layers: tuple[Layer, ...] = (Layer(_LOWEST, read.began, left + new, 0),)
        else:
            bits, layers = base.bits, base.layers
            for layer in layers:
                link_files(base.directory / layer.name, made / layer.name)
            if new or replaced:
                top = Layer(f"{len(layers):04d}", read.began, new, replaced)
                _write(session, "FROM new", made / top.name, bits, read.provenance)
                if replaced:
                    session.publish("FROM replaced", made / top.name / REPLACED, read.provenance)
                layers = (*layers, top)
        distinct = base.distinct_records and _distinct_records(session, "FROM new", new)
        distinct = distinct and not session.rows("FROM left_over SEMI JOIN new USING (target) LIMIT 1")
        _version(made, read, base.read_in_full, bits, layers, entries=left + new, distinct_records=distinct).describe()
    return _made(directory)


def _distinct_records(session: Session, query: str, entries: int) -> bool:
    """Whether no record has several of the entries; records that hash to the same count as one."""
    parts = 1 + entries // _COUNTED_RECORDS
    of_parts = (
        session.rows(
            f"SELECT count(*) = count(DISTINCT hash(target)) FROM ({query}) WHERE hash(target) % {parts} = {part}"
        )
        for part in range(parts)
    )
    return all(distinct for [(distinct,)] in of_parts)


def _too_much_above(base: IndexVersion, more: int) -> bool:
    lowest, *above = base.layers
    rows = more + sum(layer.entries + layer.replaced for layer in above)
    return len(base.layers) >= _MOST_LAYERS or rows > _MOST_ABOVE * lowest.entries


def _bits(entries: int) -> int:
    return min(MOST_PARTITION_BITS, max(0, (entries // _PARTITION_ROWS).bit_length()))


def _write(session: Session, query: str, layer: Path, bits: int, footer: Mapping[str, str]) -> None:
    if bits:
        session.publish_partitions(query, layer, partition_expression("key", bits), partition_name, footer)
    else:
        session.publish(query, layer / partition_name(0) / "0.parquet", footer)


def _take(chunks: Sequence[Path], partition: Path) -> None:
    partition.mkdir(parents=True)
    for number, chunk in enumerate(chunk for chunk in chunks if chunk.exists()):
        os.link(chunk, partition / f"{number:05d}.parquet")


def _version(
    made: Path,
    read: Read,
    read_in_full: datetime,
    bits: int,
    layers: tuple[Layer, ...],
    *,
    entries: int,
    distinct_records: bool,
) -> IndexVersion:
    return IndexVersion(
        directory=made,
        read=read.began,
        read_in_full=read_in_full,
        entries=entries,
        mark=read.mark,
        complete=read.complete,
        bits=bits,
        layers=layers,
        distinct_records=distinct_records,
    )


def _made(directory: Path) -> IndexVersion:
    version = IndexVersion.of(directory)
    if version is None:
        raise FileNotFoundError(directory)
    return version
