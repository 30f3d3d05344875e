from __future__ import annotations

import time

import pytest
from audience_gateway.sdk.audience_manager.control_files import MAX_BYTES, ListedFile, control_file, parse_control_file
from hypothesis import given
from hypothesis import strategies as st

FIRST = ListedFile(name="S3_1_2_full_3.sync.gz", size=10, lines=2, md5="0" * 32)
SECOND = ListedFile(name="S3_1_2_full_3001.sync.gz", size=20, lines=3, md5="a" * 32)


LISTED = st.builds(
    ListedFile,
    name=st.text(max_size=20),
    size=st.integers(0, 10**13),
    lines=st.integers(0, 10**10),
    md5=st.text("0123456789abcdefABCDEF", min_size=32, max_size=32),
)


@given(st.lists(LISTED, min_size=1, max_size=4, unique_by=lambda file: file.name))
def test_what_is_written_is_read(files):
    assert parse_control_file(control_file("S3_1_2_full_3", files)) == {file.name: file for file in files}


def test_totals_are_those_of_all_files():
    assert b'"TotalNumberLines": 5' in control_file("S3_1_2_full_3", [FIRST, SECOND])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"Files": []}',
        b'{"Files": [{"FileName": "a"}]}',
        control_file("S3_1_2_full_3", [FIRST, FIRST]),
        control_file("S3_1_2_full_3", [FIRST]).replace(b'"FileByteSize": 10', b'"FileByteSize": -1'),
        control_file("S3_1_2_full_3", [FIRST])[:-20],
        b"\xff",
        b"[" * 200_000,
        b'{"Files":' * 100_000,
        b"9" * 100_000,
    ],
)
def test_what_is_no_control_file_is_not_read(content):
    assert parse_control_file(content) is None


@pytest.mark.parametrize("piece", [b"a", b'\\"', b'"', b", ", b"a :", b" ", b'{a:"', b"\\", b"a b "])
def test_no_text_takes_long_to_be_refused(piece):
    content = b"{" + piece * (MAX_BYTES // len(piece) - 1)
    began = time.process_time()
    assert parse_control_file(content) is None
    assert time.process_time() - began < 20


def test_a_text_that_looks_like_a_key_is_left_alone():
    content = control_file("S3_1_2_full_3", [FIRST.model_copy(update={"name": "{a: b, }"})])
    bare = content.replace(b'"Files"', b"Files").replace(b'"md5"', b"md5")
    assert list(parse_control_file(bare)) == ["{a: b, }"]


@given(st.binary(max_size=200) | st.text('{}[]":, Filesmd5\\n0', max_size=60).map(str.encode))
def test_whatever_the_bytes_they_are_a_control_file_or_not(content):
    assert parse_control_file(content) is None
