"""Files of chunks are read as they were written, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from audience_gateway.sdk import MemberBatch, Permanent, Reason
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.content import content_hash
from audience_gateway.streams.model import Chunk

ROWS = MemberBatch.of(
    ["a", None, "déjà", None],
    opted_out=[False, False, True, False],
    defects=[None, None, None, Reason.MALFORMED_ROW],
)
CHANGES = MemberBatch.of(["a", "b"], leaves=[True, False])


def chunk_of(members: MemberBatch) -> Chunk:
    return Chunk(1, len(members), content_hash(members))


@pytest.mark.parametrize("members", [ROWS, CHANGES, MemberBatch.of([])], ids=["rows", "changes", "no row"])
def test_a_chunk_is_read_as_it_was_written(tmp_path: Path, members: MemberBatch) -> None:
    files = ChunkFiles(tmp_path)
    files.write("s-1", chunk_of(members), members)

    assert files.read("s-1", chunk_of(members)).columns == members.columns


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    files = ChunkFiles(tmp_path)
    files.write("s-1", chunk_of(ROWS), ROWS)
    [path] = (tmp_path / "s-1").iterdir()
    whole = path.read_bytes()

    for changed in (whole.replace(b"d\xc3\xa9j\xc3\xa0", b"d\xc3\xa9j\xc3\xa9"), whole[:-100], b""):
        path.write_bytes(changed)
        with pytest.raises(Permanent, match="missing or damaged"):
            files.read("s-1", chunk_of(ROWS))
    path.unlink()
    with pytest.raises(Permanent, match="missing or damaged"):
        files.read("s-1", chunk_of(ROWS))


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    files = ChunkFiles(tmp_path)
    files.write("s-1", chunk_of(ROWS), ROWS)
    files.forget("s-1")
    files.forget("s-1")

    assert list(tmp_path.iterdir()) == []


def test_the_same_rows_in_other_buffers_have_the_same_hash() -> None:
    text = pa.array(["left out", "a", None, "b", "left out"])
    cut = MemberBatch.of(text.slice(1, 3))
    behind_null = pa.StringArray.from_buffers(
        3, text.slice(0).buffers()[1], pa.py_buffer(b"x" * 20), pa.py_buffer(b"\x00"), 3
    )

    assert content_hash(cut) == content_hash(MemberBatch.of(["a", None, "b"]))
    assert content_hash(MemberBatch.of(behind_null)) == content_hash(MemberBatch.of([None, None, None]))


@pytest.mark.parametrize(
    "other",
    [
        MemberBatch.of(["ab", "c"]),
        MemberBatch.of(["a", "bc", None]),
        MemberBatch.of(["a", None]),
        MemberBatch.of(["bc", "a"]),
        MemberBatch.of(["a", "bc"], opted_out=[True, False]),
        MemberBatch.of(["a", "bc"], opted_out=[False, True]),
        MemberBatch.of(["a", None], defects=[None, Reason.MALFORMED_ROW]),
    ],
)
def test_other_rows_have_another_hash(other: MemberBatch) -> None:
    assert content_hash(other) != content_hash(MemberBatch.of(["a", "bc"]))


def test_the_hash_tells_who_leaves_and_is_that_of_before_where_nobody_does() -> None:
    flags = [[one, two] for one in (False, True) for two in (False, True)]
    assert len({content_hash(MemberBatch.of(["a", "b"], leaves=leaves)) for leaves in flags}) == 4
    before = "0000000000000002" + "0000000000000000" + "01000000" * 2 + "6162".ljust(4, "0") + "0000000000000002"
    assert content_hash(MemberBatch.of(["a", "b"])) == hashlib.sha256(bytes.fromhex(before)).hexdigest()
