"""One version of an identity index: a directory that is never written again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from audience_gateway.identity.index import COLUMNS
from audience_gateway.identity.keys import partition_name
from audience_gateway.identity.partitions import Partition
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.storage.relations import files, literal

_DESCRIPTION = "version.json"
REPLACED = "replaced.parquet"
"""File of a layer: the records whose entries in the layers below do not count any more."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one reading has added.

    Attributes:
        name: name of its directory; layers lie upon each other in the order of their names.
        read: when the reading began, in UTC.
        entries: its entries.
        replaced: records whose entries in the layers below do not count any more.
    """

    name: str
    read: datetime
    entries: int
    replaced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexVersion:
    """A version.

    Files of its directory: `LAYER/PARTITION/*.parquet` with the columns `index.COLUMNS`, `LAYER/replaced.parquet` with
    the column target, `version.json`.

    Attributes:
        directory: where its files are.
        read: when the last reading began that is part of it, in UTC.
        read_in_full: when the last reading of everything began.
        entries: the entries that count.
        mark: token of the connector's mark; empty where it has none.
        complete: whether the connector can see all that has changed since the mark.
        bits: its files are split by so many top bits of keys.
        layers: the layers, the lowest first.
        distinct_records: whether it is known that no record has several entries, so that no two ids lead to the same.
    """

    directory: Path
    read: datetime
    read_in_full: datetime
    entries: int
    mark: str
    complete: bool
    bits: int
    layers: tuple[Layer, ...]
    distinct_records: bool

    def query(self, partition: int = 0, bits: int = 0) -> str:
        """A query over the entries, or those of a partition of keys; `index.COLUMNS` has the columns."""
        parts = []
        for depth, layer in enumerate(self.layers):
            entries = self._of_layer(layer, partition, bits)
            above = [self.directory / one.name / REPLACED for one in self.layers[depth + 1 :] if one.replaced]
            if above:
                replaced = ", ".join(literal(str(path)) for path in above)
                entries = f"FROM ({entries}) ANTI JOIN read_parquet([{replaced}]) AS replaced USING (target)"
            parts.append(f"SELECT {', '.join(COLUMNS)} FROM ({entries})")
        return " UNION ALL ".join(parts) or files([], COLUMNS)

    def files(self, partition: int = 0, bits: int = 0) -> Sequence[Path] | None:
        """Files that hold the entries of a partition of keys, maybe with others; None if not all in them count."""
        if len(self.layers) > 1:
            return None
        return [path for layer in self.layers for path in self._files(layer, partition, bits)]

    def _files(self, layer: Layer, partition: int, bits: int) -> Sequence[Path]:
        directory, width = self.directory / layer.name, max(0, self.bits - bits)
        first = (partition >> max(0, bits - self.bits)) << width
        return _parquet(directory, range(first, first + (1 << width)))

    def _of_layer(self, layer: Layer, partition: int, bits: int) -> str:
        entries = files(self._files(layer, partition, bits), COLUMNS)
        if bits <= self.bits:
            return entries
        return f"SELECT * FROM ({entries}) WHERE {Partition(partition, bits).holds('key')}"

    def describe(self) -> None:
        """Writes what it is into its directory, which is not in use before."""
        record = {
            "read": self.read.isoformat(),
            "read_in_full": self.read_in_full.isoformat(),
            "entries": self.entries,
            "mark": self.mark,
            "complete": self.complete,
            "bits": self.bits,
            "distinct_records": self.distinct_records,
            "layers": [[layer.name, layer.read.isoformat(), layer.entries, layer.replaced] for layer in self.layers],
        }
        with replacing(self.directory / _DESCRIPTION) as temporary:
            temporary.write_text(json.dumps(record), encoding="utf-8")

    @classmethod
    def of(cls, directory: Path) -> IndexVersion | None:
        """The version in a directory; None if there is none."""
        try:
            record: dict[str, Any] = json.loads((directory / _DESCRIPTION).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(
            directory=directory,
            read=datetime.fromisoformat(record["read"]),
            read_in_full=datetime.fromisoformat(record["read_in_full"]),
            entries=record["entries"],
            mark=record["mark"],
            complete=record["complete"],
            bits=record["bits"],
            distinct_records=record.get("distinct_records", False),  # versions of before did not say so
            layers=tuple(
                Layer(name, datetime.fromisoformat(read), entries, replaced)
                for name, read, entries, replaced in record["layers"]
            ),
        )


def _parquet(directory: Path, partitions: Sequence[int]) -> list[Path]:
    return [path for one in partitions for path in sorted((directory / partition_name(one)).glob("*.parquet"))]
