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

    Files: `STREAM/NNNNNNNN-HASH.arrow`, an Arrow IPC file with the columns of MemberBatch.
    """

    root: Path

    def write(self, stream: str, chunk: Chunk, members: MemberBatch) -> None:
        """Writes the file of a chunk, if it is not there. It outlives the process, whatever kills it."""
        path = self._path(stream, chunk)
        if path.exists():
            return
        with (
            replacing(path) as temporary,
            pa.OSFile(str(temporary), "wb") as sink,
            pa.ipc.new_file(sink, MemberBatch.SCHEMA) as file,
        ):
            file.write_batch(members.columns)

    def read(self, stream: str, chunk: Chunk) -> MemberBatch:
        """The members of a chunk. Raises Permanent if they are not what was written."""
        try:
            with pa.memory_map(str(self._path(stream, chunk))) as source:
                members = MemberBatch(pa.ipc.open_file(source).get_batch(0))
        except (OSError, pa.ArrowException, TypeError):
            raise _damaged(stream, chunk) from None
        if content_hash(members) != chunk.content_hash:
            raise _damaged(stream, chunk)
        return members

    def forget(self, stream: str) -> None:
        """Drops the files of a stream."""
        shutil.rmtree(self.root / stream, ignore_errors=True)

    def _path(self, stream: str, chunk: Chunk) -> Path:
        return self.root / stream / f"{chunk.sequence:08d}-{chunk.content_hash[:16]}.arrow"


def _damaged(stream: str, chunk: Chunk) -> Permanent:
    return Permanent(
        f"the file of chunk {chunk.sequence} is missing or damaged",
        place=f"streams/{stream}",
        remedy="Write the members again in a new stream.",
    )
