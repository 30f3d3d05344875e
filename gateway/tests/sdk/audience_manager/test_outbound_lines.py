from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk import MemberBatch
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.audience_manager.outbound_lines import changes, members, outbound_lines
from hypothesis import given
from hypothesis import strategies as st

UUID = "59767559181262060060278870901087098252"


def read(*lines: bytes, separator: str = "\t", segment: int = 24) -> list[tuple[str | None, str | None]]:
    batch = members(pa.array(lines, pa.binary()), template=LineTemplate(separator=separator), segment=segment)
    assert isinstance(batch, MemberBatch)
    return [(row["id"], row["defect"]) for row in batch.columns.to_pylist()]


def test_lines_of_the_segment_are_members():
    assert read(b"a\t24", b"b\t25", b"c\t23,24,25", b"d\t", b"e\t25 , 24") == [("a", None), ("c", None), ("e", None)]


def test_a_segment_is_not_found_within_another_number():
    assert read(b"a\t124", b"b\t240", b"c\t2,4", b"d\t1240") == []


def test_removed_segments_of_a_full_file_mean_nothing():
    assert read(b"a\t25\t24", b"b\t24\t25") == [("b", None)]


def test_the_documented_sample_line_is_separated_by_blanks():
    assert read(f"{UUID} 24,26,27 25,28".encode(), separator=" ") == [(UUID, None)]


def test_blank_lines_are_no_rows():
    assert read(b"", b"a\t24", b"") == [("a", None)]


def test_a_line_that_cannot_be_read_is_a_row_for_nobody_knows_whether_it_was_a_member():
    assert read(b"no separator", b"\xff\xfea\t25", b"a" * MAX_LINE_BYTES + b"\t24", b"b\tgold", b"c\t24,,25") == [
        (None, "malformed_row"),
        (None, "invalid_encoding"),
        (None, "row_too_large"),
        (None, "malformed_row"),
        (None, "malformed_row"),
    ]


def test_a_member_without_id_is_malformed():
    assert read(b"\t24", b"\t25") == [(None, "malformed_row")]


def test_a_line_of_the_greatest_length_is_read():
    longest = b"a" * (MAX_LINE_BYTES - 3)
    assert read(longest + b"\t24") == [(longest.decode(), None)]


def test_no_lines_have_no_members():
    assert read() == []


def simply(line: bytes) -> tuple[str | None, str | None] | None:
    if not line:
        return None
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None, "invalid_encoding"
    id_, *lists = text.split("\t")
    if not lists:
        return None, "malformed_row"
    segments = lists[0].split(",") if lists[0].strip(" ") else []
    if not all(part.strip(" ").isdigit() and part.strip(" ").isascii() for part in segments):
        return None, "malformed_row"
    if 24 not in map(int, segments):
        return None
    return (id_, None) if id_ else (None, "malformed_row")


LINES = st.binary(max_size=12) | st.text("ab\t24, 5é\0", max_size=12).map(str.encode)


@given(st.lists(LINES, max_size=8))
def test_whatever_the_bytes_every_line_is_read_as_a_simple_reader_reads_it(lines):
    assert read(*lines) == [row for row in map(simply, lines) if row]


@pytest.mark.parametrize("id_", ["crm-42", "é", "a b", "\0"])
def test_ids_are_kept_as_they_are(id_):
    assert read(f"{id_}\t24".encode()) == [(id_, None)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"a\t24\t25", ("a", True, False, None)),
        (b"a\t25\t24", ("a", False, True, None)),
        (b"a\t\t24", ("a", False, True, None)),
        (b"a\t24", ("a", True, False, None)),
        (b"a\t24\t24", (None, False, False, "malformed_row")),
        (b"a\t25\tgold", (None, False, False, "malformed_row")),
        (b"a\t25\t26\tmore", ("a", False, False, None)),
        (b"\t25\t24", (None, False, False, "malformed_row")),
        (b"", (None, False, False, None)),
    ],
)
def test_a_line_of_changes_says_who_came_and_who_left(line, expected):
    found = changes(pa.array([line], pa.binary()), template=LineTemplate(), segment=24, full=False)
    assert tuple(column[0].as_py() for column in (found.ids, found.added, found.removed, found.defects)) == expected


def test_fields_stand_where_the_template_says():
    template = LineTemplate.of("<PID>|<REMOVED_SEGMENT_LIST>|<MCID>|<SEGMENT_LIST>", list_separator=";")
    lines = pa.array([b"7||a|24;25", b"7|24|b|", b"7||c", b"7||d|24|more"], pa.binary())
    found = changes(lines, template=template, segment=24, full=False)
    assert found.ids.to_pylist() == ["a", "b", None, "d"]
    assert found.added.to_pylist() == [True, False, False, True]
    assert found.removed.to_pylist() == [False, True, False, False]


@pytest.mark.parametrize("separator", [" ", ";", "|", ".", "\x01", "^"])
def test_segments_may_be_separated_by_any_character(separator):
    template = LineTemplate(list_separator=separator)
    line = f"a\t23{separator}24".encode()
    assert changes(pa.array([line], pa.binary()), template=template, segment=24, full=True).added.to_pylist() == [True]


IDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\t\r\n"), min_size=1, max_size=5)
LISTS = st.lists(st.integers(0, 30), max_size=3, unique=True)


@given(st.lists(st.tuples(IDS, LISTS, LISTS), max_size=5))
def test_what_is_written_is_read(rows):
    ids = pa.array([id_ for id_, _, _ in rows], pa.string())
    lists = [pa.array([",".join(map(str, row[place])) for row in rows], pa.string()) for place in (1, 2)]
    found = changes(outbound_lines(ids, *lists).cast(pa.binary()), template=LineTemplate(), segment=24, full=False)
    for place, (id_, came, left) in enumerate(rows):
        both = 24 in came and 24 in left
        assert found.ids[place].as_py() == (None if both else id_)
        assert found.added[place].as_py() is (24 in came and not both)
        assert found.removed[place].as_py() is (24 in left and not both)
