from __future__ import annotations

from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import Permanent
from audience_gateway_campaign.columns import column, flag, timestamps
from lxml import etree

ROWS = list(
    etree.fromstring(
        "<c xmlns='urn:xtk:queryDef'>"
        "<r id='1' email='a@example.org' blackList='1'><recipient id='7' blackList='0'/></r>"
        "<r id='2' email='' blackList='false'><folder label='x'/><recipient id='8' blackList='true'/></r>"
        "<r id='3'/>"
        "</c>"
    )
)


def test_attributes_are_read_and_empty_ones_are_none():
    assert column(ROWS, "@email") == ["a@example.org", None, None]


def test_attributes_of_links_are_read_from_child_elements():
    assert column(ROWS, "[recipient/@id]") == ["7", "8", None]


def test_attributes_of_links_in_no_namespace_are_read():
    rows = list(etree.fromstring("<c><r><recipient id='7'/></r></c>"))
    assert column(rows, "[recipient/@id]") == ["7"]


def test_no_rows_make_an_empty_column():
    assert column([], "[recipient/@id]") == []


def test_a_row_is_flagged_when_any_attribute_is_set():
    assert flag(ROWS, ["@blackList", "[recipient/@blackList]"]).to_pylist() == [True, True, False]


def test_without_flags_nobody_opted_out():
    assert flag(ROWS, []).to_pylist() == [False, False, False]


@pytest.mark.parametrize(
    "text",
    ["2020-07-05 14:11:31.986Z", "2020-07-05T14:11:31.986Z", "2020/07/05 14:11:31.986Z", "2020-07-05 14:11:31.986"],
)
def test_timestamps_are_utc(text):
    assert timestamps([text, None]).to_pylist() == [datetime(2020, 7, 5, 14, 11, 31, 986000, tzinfo=UTC), None]


def test_no_timestamps_at_all():
    assert timestamps([None, None]).to_pylist() == [None, None]


def test_a_timestamp_that_cannot_be_read_is_permanent_and_not_shown():
    with pytest.raises(Permanent) as raised:
        timestamps(["yesterday"])
    assert "yesterday" not in str(raised.value)
