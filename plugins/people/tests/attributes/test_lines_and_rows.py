"""Data files as Adobe documents them, written and read."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from audience_gateway_people.attributes.lines import data_lines
from audience_gateway_people.attributes.rows import ENCODING, FIELD_COUNT, LONGEST_ROW, MALFORMED, first_row, read_rows
from hypothesis import given, settings
from hypothesis import strategies as st

TEXTS = (
    st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=8) | st.sampled_from(['"', "\\", "\n", ","])
)
TABLES = st.integers(2, 4).flatmap(
    lambda columns: st.lists(
        st.tuples(st.text("0123456789", min_size=1, max_size=4), *[TEXTS] * (columns - 1)), min_size=1
    )
)


def columns_of(rows):
    return [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


def read(data, columns, *, last=True):
    found = read_rows(data, columns, last=last)
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True)), found.defects.to_pylist()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("plain", b"plain"),
        ('say "hi"', rb'"say \"hi\""'),
        ("a,b", b'"a,b"'),
        ("two\nlines", b'"two\nlines"'),
        ("back\\slash", rb'"back\\slash"'),
        (None, b""),
        ("Müller", "Müller".encode()),
    ],
)
def test_a_value_is_written_as_documented(value, field):
    assert data_lines(columns_of([("42", value)])) == b"42," + field + b"\n"


def test_the_documented_sample_is_read_and_the_escape_of_other_csv_is_not():
    assert read(rb'"42","say \"hi\""', 2) == ([("42", 'say "hi"')], [None])
    assert read(b'"42","say ""hi"""', 2) == ([(None, None)], [MALFORMED])


def test_a_standard_csv_writer_makes_what_cannot_be_read():
    text = io.StringIO()
    csv.writer(text).writerow(["42", 'say "hi"'])
    assert read(text.getvalue().encode(), 2)[1] == [MALFORMED]


@settings(max_examples=200, deadline=None)
@given(TABLES)
def test_what_is_written_is_read_again(rows):
    data = data_lines(columns_of(rows))
    assert read(data, len(rows[0])) == (rows, [None] * len(rows))


@settings(max_examples=100, deadline=None)
@given(TABLES, st.data())
def test_rows_do_not_depend_on_where_the_bytes_are_cut(rows, data):
    content = data_lines(columns_of(rows))
    cut = data.draw(st.integers(0, len(content)))
    first = read_rows(content[:cut], len(rows[0]), last=False)
    rest = content[first.consumed :]
    begun = list(zip(*(column.to_pylist() for column in first.columns), strict=True))
    assert begun + read(rest, len(rows[0]))[0] == rows


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60).filter(lambda data: b'"' not in data and b"\\" not in data))
def test_plain_lines_are_read_by_column_as_they_are_one_by_one(data):
    # A quoted row in front makes all of the file be read one by one.
    assert read(data, 2)[0] == read(b'"a",b\n' + data, 2)[0][1:]
    assert read(data, 2)[1] == read(b'"a",b\n' + data, 2)[1][1:]


def test_each_defect_has_its_own_row_and_takes_no_other_one_with_it():
    data = b'1,2\n3\n4,"5\n6,7\n\xff,8\n9,"\\"ten"\n'
    assert read(data, 2)[1] == [None, FIELD_COUNT, MALFORMED, None, ENCODING, None]


def test_a_row_longer_than_the_limit_is_malformed():
    assert read(b'1,"' + b"x" * (LONGEST_ROW + 10) + b'"\n2,3\n', 2)[1] == [MALFORMED, None]


def test_the_header_is_the_first_row():
    assert first_row(b'"id","a,b"\n1,2\n', last=False) == (["id", "a,b"], 10)
    assert first_row(b"id,no", last=False) is None
    assert first_row(b"id,\xff\n", last=False) is None
