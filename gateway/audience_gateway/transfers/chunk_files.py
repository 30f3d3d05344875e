"""Files of extracted chunks: written once, and read again by a later run of the same step."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience_gateway.sdk import MemberPage, Permanent
from audience_gateway.storage.atomic_file import publishing
from audience_gateway.storage.column_files import ENCODINGS
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.attribute_columns import attribute_columns
from audience_gateway.transfers.further_ids import further_id_columns
from audience_gateway.transfers.workspace import Workspace

_FOOTER = b"audience_gateway"


@dataclass(frozen=True, slots=True)
class ChunkFile:
    """What a file of an extracted chunk says about itself.

    Attributes:
        rows: its rows.
        encoded: whether its ids already went through the data source's codec.
        resume_token: where reading goes on behind it.
        last: whether the source has no further rows.
        attributes: names of the attributes that were read with its rows.
        further: names of the further data sources whose ids were read with its rows.
    """

    rows: int
    encoded: bool
    resume_token: str
    last: bool
    attributes: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> ChunkFile:
        """Of the file at a path."""
        metadata = pq.read_metadata(path)
        kept = json.loads(metadata.metadata[_FOOTER])
        # A file of before chunks said so was not the last: its job knows better.
        last, attributes = kept.get("last") == "yes", tuple(kept.get("attributes", ()))
        further = tuple(kept.get("further", ()))
        return cls(metadata.num_rows, kept["encoded"] == "yes", kept["resume_token"], last, attributes, further)


@dataclass(frozen=True, slots=True)
class ChunkAtHand:
    """A chunk whose file is there.

    Attributes:
        file: what that says about itself.
        rows: what is in there, where it need not be read for that.
    """

    file: ChunkFile
    rows: pa.Table | None = None


def numbered_rows(
    pages: list[MemberPage],
    rows_before: int,
    *,
    last: bool,
    attributes: tuple[str, ...] = (),
    further: tuple[str, ...] = (),
) -> pa.Table:
    """The rows of some pages as a chunk, with these attributes and ids, numbered from the rows before them.

    The column `leaves` is only there if somebody leaves.
    Raises Permanent for pages that mix encoded ids with others, or lack attributes.
    """
    encoded = {page.encoded for page in pages}
    if len(encoded) > 1:
        raise Permanent(
            "the connector mixes encoded ids with others", remedy="Report this to the author of the plugin."
        )
    members = pa.Table.from_batches([page.members.columns for page in pages])
    if not pc.any(members.column("leaves")).as_py():
        members = members.drop_columns("leaves")
    row = pa.arange(rows_before + 1, rows_before + 1 + members.num_rows)
    kept = {
        "encoded": "yes" if encoded.pop() else "no",
        "resume_token": pages[-1].resume_token,
        "last": "yes" if last else "no",
        "attributes": attributes,
        "further": further,
    }
    for name, column in (attribute_columns(pages, attributes) | further_id_columns(pages, further)).items():
        members = members.append_column(name, column)
    return members.add_column(0, "row", row).replace_schema_metadata({_FOOTER: json.dumps(kept).encode()})


def write_chunk(path: Path, rows: pa.Table) -> ChunkAtHand:
    """Writes a chunk. A file that is there counts, and then these are not its rows."""
    with publishing(path) as temporary:
        pq.write_table(rows, temporary, compression="lz4", use_dictionary=False, column_encoding=ENCODINGS)
        written = temporary.stat().st_ino
    return ChunkAtHand(ChunkFile.read(path), rows if path.stat().st_ino == written else None)


def content_hash(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def leaving_rows(workspace: Workspace) -> str:
    """A query over the rows (row) that say that their member leaves; one of no rows if none does."""
    telling = [path for path in workspace.chunks("extract") if _tells_leavers(path)]
    return f"SELECT row FROM ({files(telling, columns.LEAVING)}) WHERE leaves"


@lru_cache(maxsize=4096)
def _tells_leavers(path: Path) -> bool:
    """Whether a chunk has the column; it is asked of each chunk for each partition of a transfer, and never changes."""
    return "leaves" in pq.read_schema(path).names


def encoded_ids(workspace: Workspace) -> bool:
    """Whether the ids that a transfer has read already went through the data source's codec."""
    chunks = workspace.chunks("extract")
    return bool(chunks) and ChunkFile.read(chunks[0]).encoded
