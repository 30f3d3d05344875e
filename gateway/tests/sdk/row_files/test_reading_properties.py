"""What holds for any bytes: no row is lost, both ways of reading agree, and reading resumes exactly."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace

from audience_gateway.sdk.row_files.careful_reading import read_carefully
from audience_gateway.sdk.row_files.delimited import DelimitedReader
from audience_gateway.sdk.row_files.dialect import Dialect
from audience_gateway.sdk.row_files.fast_reading import read_fast
from audience_gateway.storage import open_bucket
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DIALECT = Dialect(delimiter=",", columns=2, wanted=(0, 1), max_row_bytes=40)
_PIECES = [b'"', b",", b"\n", b"\r", b"a", b"\xff", b"\0", b"\\", b"'", "é".encode(), b"abc,d\n"]
NOISE = st.lists(st.sampled_from(_PIECES)).map(b"".join)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
VALUE = TEXT.filter(bool)


def rows_by_hand(data: bytes, columns: int, longest: int) -> int:
    """Counts rows character by character: a line, or several lines that are one sound row."""
    count, rest = 0, data
    while rest := rest.lstrip(b"\r\n"):
        line = rest.replace(b"\r", b"\n").split(b"\n", 1)[0]
        size = len(line)
        if size <= longest and _open_at_end(line):
            size = _sound_row(rest[:longest], columns, whole=len(rest) <= longest, behind=rest[longest:]) or size
        count, rest = count + 1, rest[size:]
    return count


def _open_at_end(line: bytes) -> bool:
    state = "start"
    for byte in line:
        quote, comma = byte == 0x22, byte == 0x2C
        if state == "quoted":
            state = "closing" if quote else "quoted"
        elif state == "closing":
            state = "quoted" if quote else "start" if comma else "plain"
        elif quote and state == "start":
            state = "quoted"
        else:
            state = "start" if comma else "plain"
    return state == "quoted"


def _sound_row(data: bytes, columns: int, *, whole: bool, behind: bytes) -> int:
    """Length of the row at the beginning; 0 if it is not sound."""
    state, found = "start", 1
    for position, byte in enumerate(data + (b"" if whole else behind[:1])):
        character = chr(byte)
        if state == "quoted":
            state = "closing" if character == '"' else "quoted"
        elif state == "closing" and character == '"':
            state = "quoted"
        elif character in "\r\n":
            return position if found == columns else 0
        elif character == ",":
            state, found = "start", found + 1
        elif character == '"' and state == "start":
            state = "quoted"
        elif character == '"' or state == "closing":
            return 0
        else:
            state = "plain"
    return len(data) if whole and state != "quoted" and found == columns else 0


@given(NOISE | st.binary())
def test_no_bytes_lose_a_row_or_end_reading(data):
    parsed = read_carefully(data, DIALECT, last=True)
    assert parsed.consumed == len(data)
    assert len(parsed.rows) == rows_by_hand(data, DIALECT.columns, DIALECT.max_row_bytes)


@given(NOISE | st.binary())
def test_where_the_fast_way_is_taken_it_finds_what_the_careful_way_finds(data):
    fast = read_fast(data, DIALECT, last=True)
    careful = read_carefully(data, DIALECT, last=True)
    assert fast is None or fast.rows == careful.rows


@given(st.lists(st.tuples(VALUE, TEXT), max_size=8), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_well_formed_rows_are_read_as_they_were_written(values, line_end, quoted):
    sink = io.StringIO()
    line_ends = any(character in "\r\n" for value in values for character in "".join(value))
    quoting = csv.QUOTE_ALL if quoted or line_ends else csv.QUOTE_MINIMAL  # csv quotes only its own line end
    csv.writer(sink, lineterminator=line_end, quoting=quoting).writerows(values)
    dialect = Dialect(delimiter=",", columns=2, wanted=(0, 1), max_row_bytes=1000)
    for way in (read_fast, read_carefully):
        parsed = way(sink.getvalue().encode(), dialect, last=True)
        if parsed is not None:
            columns = [column.to_pylist() for column in parsed.rows.columns]
            assert list(zip(*columns, strict=True)) == values


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(data=NOISE, gzipped=st.booleans(), page_rows=st.integers(1, 4))
async def test_reading_resumes_behind_any_page_with_exactly_the_remaining_rows(tmp_path, data, gzipped, page_rows):
    bucket = open_bucket(tmp_path.as_uri())
    name = "list.csv.gz" if gzipped else "list.csv"
    file = await bucket.write(name, gzip.compress(data) if gzipped else data)
    reader = DelimitedReader(
        bucket=bucket,
        gzipped=gzipped,
        delimiter=",",
        header=False,
        max_row_bytes=10,
        block_bytes=30,
        page_rows=page_rows,
    )
    pages = [page async for page in reader.pages(file, [1], None)]
    for number, page in enumerate(pages):
        rest = [later.rows async for later in reader.pages(file, [1], page.token)]
        assert rest == [later.rows for later in pages[number + 1 :]]


ESCAPED = st.text(st.sampled_from("ab\"\\',\n\r"), min_size=1, max_size=8)


@given(st.lists(st.tuples(ESCAPED, ESCAPED), max_size=6), st.sampled_from(["\\", "'"]), st.sampled_from(",:|;\t"))
def test_quotes_behind_an_escape_are_read_as_they_were_written(values, escape, delimiter):
    def cell(value: str) -> str:
        return '"' + value.replace(escape, escape * 2).replace('"', escape + '"') + '"'

    data = "\n".join(delimiter.join(map(cell, row)) for row in values).encode()
    dialect = Dialect(delimiter=delimiter, escape=escape, columns=2, wanted=(0, 1), max_row_bytes=1000)
    for way in (read_fast, read_carefully):
        parsed = way(data, dialect, last=True)
        if parsed is not None:
            columns = [column.to_pylist() for column in parsed.rows.columns]
            assert list(zip(*columns, strict=True)) == values


@given(NOISE | st.binary(), st.sampled_from(['"', ""]), st.sampled_from(["", "\\", "'"]))
def test_both_ways_of_reading_agree_whatever_the_quote_and_the_escape(data, quote, escape):
    dialect = replace(DIALECT, quote=quote, escape=escape)
    fast = read_fast(data, dialect, last=True)
    careful = read_carefully(data, dialect, last=True)
    assert careful.consumed == len(data)
    assert fast is None or fast.rows == careful.rows
