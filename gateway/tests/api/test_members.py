"""Members as messages: the same rows come out that went in, and what cannot be right is refused by its field."""

from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.api import members
from audience_gateway.api.refusals import InvalidRequest
from audience_gateway.sdk import MemberBatch, Reason
from audience_gateway.v1.members_pb2 import (
    MEMBER_FORMAT_ARROW,
    MEMBER_FORMAT_PACKED,
    DefectiveRow,
    Members,
    PackedMembers,
)

FORMATS = pytest.mark.parametrize("format_", [MEMBER_FORMAT_PACKED, MEMBER_FORMAT_ARROW])


def batch(*ids: str | None, **columns: list[bool] | list[Reason | None]):
    return MemberBatch.of(ids, **columns)


def packed(*ids: bytes, **fields: object) -> Members:
    return Members(packed=PackedMembers(ids=b"".join(ids), lengths=[len(one) for one in ids], **fields))


def arrow(**columns: pa.Array) -> Members:
    table, sink = pa.table(columns), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return Members(arrow=sink.getvalue().to_pybytes())


def refused(message: Members, most_rows: int = 10) -> str:
    with pytest.raises(InvalidRequest) as refusal:
        members.decode(message, "chunk.members", most_rows)
    [violation] = refusal.value.violations
    return f"{violation.field}: {violation.description}"


@FORMATS
@pytest.mark.parametrize(
    "rows",
    [
        batch("a", "bc", "déjà"),
        batch("a", None, "b", None),
        batch(),
        batch("a", "b", "c", opted_out=[False, True, True]),
        batch("a", "b", "c", leaves=[True, False, True]),
        batch("a", None, defects=[None, Reason.MALFORMED_ROW]),
        batch("x" * 127, "y" * 128, "z" * 20_000),
        batch(*(str(number) for number in range(10_000))),
    ],
    ids=["texts", "without an id", "no row", "opted out", "leavers", "defects", "long ids", "many rows"],
)
def test_what_is_encoded_is_decoded_again(rows: MemberBatch, format_: int) -> None:
    message = Members.FromString(members.encode(rows, format_).SerializeToString())

    assert members.decode(message, "chunk.members", 10_000).columns == rows.columns


@FORMATS
def test_a_part_of_a_batch_is_encoded_without_the_rest(format_: int) -> None:
    rows = batch("x" * 10_000, "a", None, "b", "x" * 10_000, opted_out=[True, False, True, False, True])
    part = MemberBatch(rows.columns.slice(1, 3))

    message = members.encode(part, format_)

    assert members.decode(message, "chunk.members", 3).columns == part.columns
    assert message.ByteSize() < 1_000


def test_an_empty_text_is_no_id_in_either_format() -> None:
    for message in (packed(b"a", b""), arrow(id=pa.array(["a", ""]))):
        assert members.decode(message, "chunk.members", 2).columns.column("id").to_pylist() == ["a", None]


def test_columns_that_may_be_left_out_are_filled_in() -> None:
    assert members.decode(arrow(id=pa.array(["a"])), "chunk.members", 1).columns == batch("a").columns


def test_lengths_that_do_not_sum_to_the_ids_are_refused() -> None:
    for lengths in ([1, 1], [1, 3], [2**32 - 1, 2**32 - 1, 5]):
        message = Members(packed=PackedMembers(ids=b"abc", lengths=lengths))
        assert refused(message).startswith("chunk.members.packed.lengths: they sum to ")


def test_an_id_that_is_not_utf_8_is_refused_by_its_row() -> None:
    assert refused(packed(b"a", b"b", b"c\xff", b"d")) == "chunk.members.packed.ids: the id of row 2 is not UTF-8"


def test_a_character_that_is_cut_by_the_end_of_its_id_is_refused() -> None:
    assert refused(packed(b"\xc3", b"\xa9")) == "chunk.members.packed.ids: the id of row 0 is not UTF-8"


def test_positions_behind_the_last_row_are_refused() -> None:
    for name in ("opted_out", "leaves"):
        assert refused(packed(b"a", **{name: [1]})) == f"chunk.members.packed.{name}: allowed: positions below 1"
    defects = [DefectiveRow(index=1, reason="malformed_row")]
    assert refused(packed(b"", defects=defects)) == "chunk.members.packed.defects: allowed: positions below 1"


def test_a_defect_that_would_make_a_row_delivered_is_refused() -> None:
    allowed = "allowed: invalid_encoding, left, malformed_row, row_too_large, superseded"
    message = packed(b"", defects=[DefectiveRow(index=0, reason="added")])
    assert refused(message) == f"chunk.members.packed.defects: {allowed}"
    message = arrow(id=pa.nulls(1, pa.string()), defect=pa.array(["added"]))
    assert refused(message) == f"chunk.members.arrow.defect: {allowed}"


def test_a_row_with_a_defect_and_an_id_is_refused() -> None:
    message = packed(b"a", defects=[DefectiveRow(index=0, reason="malformed_row")])
    assert refused(message) == "chunk.members.packed.defects: a row with a defect has no id"
    message = arrow(id=pa.array(["a"]), defect=pa.array(["malformed_row"]))
    assert refused(message) == "chunk.members.arrow.defect: a row with a defect has no id"


@pytest.mark.parametrize(
    "columns",
    [
        {"id": pa.array([1, 2])},
        {"id": pa.array(["a"], pa.large_string())},
        {"name": pa.array(["a"])},
        {"id": pa.array(["a"]), "age": pa.array([7])},
        {"id": pa.array(["a"]), "opted_out": pa.array(["no"])},
    ],
)
def test_other_columns_are_refused(columns: dict[str, pa.Array]) -> None:
    assert refused(arrow(**columns)) == (
        "chunk.members.arrow: allowed columns: `id` (string), `opted_out` (bool), `defect` (string), `leaves` (bool); "
        "all but `id` may be left out"
    )


def test_a_flag_that_is_null_is_refused() -> None:
    for name in ("opted_out", "leaves"):
        message = arrow(id=pa.array(["a"]), **{name: pa.nulls(1, pa.bool_())})
        assert refused(message) == f"chunk.members.arrow.{name}: found a null, allowed: true and false"


def test_bytes_that_are_no_arrow_stream_are_refused() -> None:
    whole = arrow(id=pa.array(["a" * 1000])).arrow
    for payload in (b"", b"no arrow", whole[:200], whole[: len(whole) // 2]):
        assert refused(Members(arrow=payload)) == "chunk.members.arrow: not an Arrow IPC stream, or a damaged one"


def test_an_arrow_stream_with_bytes_that_are_no_text_is_refused() -> None:
    column = pa.array([b"a", b"\xff"]).view(pa.string())
    assert refused(arrow(id=column)) == "chunk.members.arrow.id: the id of row 1 is not UTF-8"


def test_more_rows_than_a_chunk_may_have_are_refused() -> None:
    for message in (packed(b"a", b"b"), arrow(id=pa.array(["a", "b"]))):
        assert refused(message, most_rows=1) == "chunk.members: found 2 rows, allowed: up to 1"


def test_a_message_without_members_is_refused() -> None:
    assert refused(Members()) == "chunk.members: found neither `packed` nor `arrow`, one is required"
