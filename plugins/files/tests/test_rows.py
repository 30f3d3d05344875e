"""Every row of a file ends as a member or with the defect that keeps it from being one."""

from __future__ import annotations

import os

import pytest
from audience_gateway.sdk import Reason

MALFORMED = Reason.MALFORMED_ROW
ENCODING = Reason.INVALID_ENCODING
TOO_LARGE = Reason.ROW_TOO_LARGE


async def rows(read, name, content, **settings) -> list[str | None]:
    """Of each row the id, or the defect in brackets."""
    pages = await read(name, content, **settings)
    members = [row for page in pages for row in page.members.columns.to_pylist()]
    return [f"<{row['defect']}>" if row["defect"] else row["id"] for row in members]


def expected(*found: str | Reason | None) -> list[str | None]:
    return [f"<{one.value}>" if isinstance(one, Reason) else one for one in found]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", []),
        (b"\n\r\n\n", []),
        (b"id,x\n", []),
        (b"id,x\na,1\nb,2", ["a", "b"]),
        (b"\xef\xbb\xbfid,x\na,1\n", ["a"]),
        (b"id,x\r\na,1\rb,2\nc,3\r\n", ["a", "b", "c"]),
        (b"id,x\n\na,1\n\n\nb,2\n\n", ["a", "b"]),
        (b"id,x\na,1\nb\nc,1,2\nd,4\n", ["a", MALFORMED, MALFORMED, "d"]),
        (b"id,x\n,1\na,2\n", [None, "a"]),
        (b"id,x\na,\n", ["a"]),
        (b"id,x\na,\xff\nb,1\n\xe9,1\n", [ENCODING, "b", ENCODING]),
        (b"id,x\na\x00,1\nb,1\n\x00\x00\n", [MALFORMED, "b", MALFORMED]),
        ('id,x\nß,ü\n"字",1\n'.encode(), ["ß", "字"]),
        (b'id,x\n"a,b",1\n"say ""hi""",2\n', ["a,b", 'say "hi"']),
        (b'id,x\n"a\nb",1\nc,2\n', ["a\nb", "c"]),
        (b'id,x\n"a\r\n\r\nb",1\nc,2\n', ["a\r\n\r\nb", "c"]),
        (b'id,x\n5" pipe,1\na"b",2\n', ['5" pipe', 'a"b"']),
        (b'id,x\n"a"b,1\n', ["ab"]),
        (b'id,x\n"a,1\nb,2\nc,3\n', [MALFORMED, "b", "c"]),
        (b'id,x\n"a,1\nb,2\n"c",3\n', [MALFORMED, "b", "c"]),
        (b'id,x\na,1\n"b,2', ["a", MALFORMED]),
        (b'id,x\n"a\nb",1,2\nc,3\n', [MALFORMED, MALFORMED, "c"]),
    ],
)
async def test_csv(read, content, found):
    assert await rows(read, "list.csv", content) == expected(*found)


async def test_tsv_separates_by_tab(read):
    assert await rows(read, "list.tsv", b"x\tid\n1\ta,b\n2\tc\n") == ["a,b", "c"]


async def test_the_delimiter_may_be_another(read):
    assert await rows(read, "list.csv", b"x;id\n1;a,b\n", delimiter=";") == ["a,b"]


async def test_without_header_the_column_is_a_number_and_the_first_line_tells_how_many_there_are(read):
    content = b"1,a,x\n2,b\n3,c,z\n"
    assert await rows(read, "list.csv", content, header=False, id_column=2) == expected("a", MALFORMED, "c")


async def test_a_field_of_ten_megabytes_is_one_row_that_is_too_large(read):
    content = b"id,x\na,1\nb," + b"y" * 10_000_000 + b"\nc,3\n"
    assert await rows(read, "list.csv", content) == expected("a", TOO_LARGE, "c")


async def test_a_field_that_is_longer_than_a_block_is_one_row_as_well(read):
    content = b"id,x\n" + b"y" * 20_000_000 + b"\r\nc,3\n"
    assert await rows(read, "list.csv", content) == expected(TOO_LARGE, "c")


async def test_the_longest_row_may_have_its_full_length(read):
    assert await rows(read, "list.csv", b"id\nabcd\nabcde\nab\n", max_row_bytes=4) == expected("abcd", TOO_LARGE, "ab")


async def test_a_quote_that_is_never_closed_costs_one_row_of_many(read):
    content = b"id,x\n" + b"a,1\n" * 1000 + b'"b,2\n' + b"c,3\n" * 400_000
    found = await rows(read, "list.csv", content)
    assert (len(found), found.count("c"), found[1000]) == (401_001, 400_000, "<malformed_row>")


async def test_each_line_of_noise_has_a_defect(read):
    noise = b"\n".join(b"\xff" + os.urandom(50).replace(b"\n", b"").replace(b"\r", b"") for _ in range(100))
    assert await rows(read, "list.csv", b"id\n" + noise) == expected(*[ENCODING] * 100)


async def test_a_defect_does_not_cost_the_other_rows_of_a_large_file(read):
    good = b"".join(b"member-%07d,x\n" % number for number in range(300_000))
    found = await rows(read, "list.csv", b"id,x\n" + good + b"\xff,x\n" + good)
    assert (len(found), found[300_000], found[-1]) == (600_001, "<invalid_encoding>", "member-0299999")


async def test_ids_may_be_encoded_already(read):
    pages = await read("list.csv", b"id\na\n", encoded=True)
    assert [page.encoded for page in pages] == [True]


async def test_pages_have_a_bounded_number_of_rows(read):
    pages = await read("list.csv", b"id\n" + b"a\n" * 250_000)
    assert [len(page.members) for page in pages] == [100_000, 100_000, 50_000]
