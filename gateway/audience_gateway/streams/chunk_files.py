"""Files of chunks: named by number and content, so that whoever writes one again writes the same."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from audience_gateway.sdk import MemberBatch, Permanent
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.streams.content import content_hash
from audience_gateway.streams.model import Chunk


@dataclass(frozen=True, slots=True)
class ChunkFiles:
    """The directory of all streams.

    Files: `STREAM/NNNNNNNN-HASH.arrow`, an Arrow IPC file with the columns of MemberBatch. Those that say nothing of
    any row, nobody opted out, no defects, nobody leaves, are left out.
    """

    root: Path

    def write(self, stream: str, chunk: Chunk, members: MemberBatch) -> None:
        """Writes the file of a chunk, if it is not there. It outlives the process, whatever kills it."""
        path = self._path(stream, chunk)
        if path.exists():
            return
        columns = _telling(members.columns)
        with (
            replacing(path) as temporary,
            pa.OSFile(str(temporary), "wb") as sink,
            pa.ipc.new_file(sink, columns.schema) as file,
        ):
            file.write_batch(columns)

    def read(self, stream: str, chunk: Chunk) -> MemberBatch:
        """The members of a chunk. Raises Permanent if they are not what was written."""
        try:
            with pa.memory_map(str(self._path(stream, chunk))) as source:
                columns = pa.ipc.open_file(source).get_batch(0)
            members = _whole(columns)
        except (OSError, pa.ArrowException, KeyError):
            raise _damaged(stream, chunk) from None
        if content_hash(members) != chunk.content_hash:
            raise _damaged(stream, chunk)
        return members

    def forget(self, stream: str) -> None:
        """Drops the files of a stream."""
        shutil.rmtree(self.root / stream, ignore_errors=True)

    def _path(self, stream: str, chunk: Chunk) -> Path:
        return self.root / stream / f"{chunk.sequence:08d}-{chunk.content_hash[:16]}.arrow"


def _telling(columns: pa.RecordBatch) -> pa.RecordBatch:
    names = ["id"]
    if columns.column("opted_out").true_count:
        names.append("opted_out")
    if columns.column("defect").null_count < columns.num_rows:
        names.append("defect")
    if columns.column("leaves").true_count:
        names.append("leaves")
    return columns.select(names)


def _whole(columns: pa.RecordBatch) -> MemberBatch:
    found = dict(zip(columns.schema.names, columns.columns, strict=True))
    return MemberBatch.of(
        found["id"], opted_out=found.get("opted_out"), defects=found.get("defect"), leaves=found.get("leaves")
    )


def _damaged(stream: str, chunk: Chunk) -> Permanent:
    return Permanent(
        f"the file of chunk {chunk.sequence} is missing or damaged",
        place=f"streams/{stream}",
        remedy="Write the members again in a new stream.",
    )
