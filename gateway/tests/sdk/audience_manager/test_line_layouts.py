from __future__ import annotations

import pytest
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate


def test_a_layout_says_which_field_holds_what():
    template = LineTemplate.of("<PID>|<MCID>|<REMOVED_SEGMENT_LIST>|<SEGMENT_LIST>", list_separator=";")
    assert template == LineTemplate(separator="|", list_separator=";", id_field=1, segments_field=3, removed_field=2)


def test_segments_that_were_left_may_be_left_out():
    assert LineTemplate.of("<UUID><ASCII_SOH><SEGMENT_LIST>") == LineTemplate(separator="\x01", removed_field=None)


def test_by_default_lines_are_separated_by_tabs():
    assert LineTemplate.of("<DP_UUID><TAB><SEGMENT_LIST><TAB><REMOVED_SEGMENT_LIST>") == LineTemplate()


@pytest.mark.parametrize(
    ("layout", "finding"),
    [
        ("<SEGMENT_LIST>", "holds one of"),
        ("<UUID> <MCID> <SEGMENT_LIST>", "holds one of"),
        ("<UUID> <DATE> <SEGMENT_LIST>", "holds one of"),
        ("<UUID>", "holds one of"),
        ("<UUID><SEGMENT_LIST>", "is one character"),
        ("<UUID>, <SEGMENT_LIST>", "one character"),
        ("<UUID>\t<SEGMENT_LIST> <REMOVED_SEGMENT_LIST>", "the same one"),
        ("<UUID> <SEGMENT_LIST> ", "begins and ends"),
        ("<UUID> <SEGMENT_LIST", "no sequence"),
        ("<UUID>,<SEGMENT_LIST>", "different separators"),
        ("<UUID>7<SEGMENT_LIST>", "neither a digit"),
    ],
)
def test_a_layout_that_makes_no_sense_is_refused(layout, finding):
    with pytest.raises(ValueError, match=finding):
        LineTemplate.of(layout)
