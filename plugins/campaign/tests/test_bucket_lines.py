from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway_campaign.bucket_lines import statements, without_segment


def said(line: bytes, *, overwrite: bool = False) -> tuple[str | None, bool, bool, str | None]:
    found = statements(pa.array([line], pa.binary()), 24, overwrite=overwrite)
    return tuple(column[0].as_py() for column in (found.ids, found.added, found.removed, found.defects))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"a\td_sid=24", ("a", True, False, None)),
        (b"a\td_sid=23,d_sid=24", ("a", True, False, None)),
        (b"a\td_unsid=24", ("a", False, True, None)),
        (b"a\td_sid=24,d_unsid=24", ("a", False, True, None)),
        (b"a\td_sid=25", ("a", False, False, None)),
        (b"a\td_sid=24\t", (None, False, False, "malformed_row")),
        (b"a", (None, False, False, "malformed_row")),
        (b"\td_sid=24", (None, False, False, "malformed_row")),
        (b"a:b\td_sid=24", (None, False, False, "malformed_row")),
        (b"\xff\td_sid=24", (None, False, False, "invalid_encoding")),
        (b"a\t" + b"d_sid=24," * (MAX_LINE_BYTES // 9) + b"d_sid=24", (None, False, False, "row_too_large")),
        (b"", (None, False, False, None)),
    ],
)
def test_what_a_line_says_of_a_trait(line, expected):
    assert said(line) == expected


def test_a_file_that_overwrites_takes_away_what_it_does_not_name():
    assert said(b"a\td_sid=25", overwrite=True) == ("a", False, True, None)
    assert said(b"a\td_unsid=24,d_sid=24", overwrite=True) == ("a", True, False, None)


def test_a_segment_is_taken_out_of_lines_and_the_others_stay():
    lines = [b"a\t24", b"b\t24,25", b"c\t25, 26", b"d\t25\t24", b"\xff\t124,24", b"broken", b"e\tx"]
    kept = without_segment(pa.array(lines, pa.binary()), 24)
    assert kept.to_pylist() == [b"b\t25", b"c\t25,26", b"d\t25", b"\xff\t124"]
