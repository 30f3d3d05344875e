from __future__ import annotations

import pyarrow as pa
from audience_gateway_campaign.bucket_lines import without_segment


def test_a_segment_is_taken_out_of_lines_and_the_others_stay():
    lines = [b"a\t24", b"b\t24,25", b"c\t25, 26", b"d\t25\t24", b"\xff\t124,24", b"broken", b"e\tx"]
    kept = without_segment(pa.array(lines, pa.binary()), 24)
    assert kept.to_pylist() == [b"b\t25", b"c\t25,26", b"d\t25", b"\xff\t124"]
