from __future__ import annotations

import pytest
from audience_gateway.sdk.audience_manager.inbound_lines import (
    MAX_LINE_BYTES,
    InboundLine,
    RealiseTrait,
    RemoveTrait,
    Signal,
)
from hypothesis import given
from hypothesis import strategies as st

UUID = "59767559181262060060278870901087098252"
TRAITS = st.integers(0, 10**9)
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters='"\t\r\n'), max_size=20)
KEYS = TEXT.filter(lambda key: key and not key.startswith("-") and key.lower() not in {"d_sid", "d_unsid"})
ITEMS = st.builds(RealiseTrait, TRAITS) | st.builds(RemoveTrait, TRAITS) | st.builds(Signal, KEYS, TEXT)
IDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters=":\t\r\n%"), min_size=1)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("crm-42\tD_SID = 24 , ic=7", (RealiseTrait(24), Signal("ic", "7"))),
        ("crm-42\t5=five", (Signal("5", "five"),)),
        ('crm-42\tat="2013-01-26, UTC"\r', (Signal("at", "2013-01-26, UTC"),)),
    ],
)
def test_lines_beyond_the_documented_ones_are_read(text, items):
    line = InboundLine.parse(text)
    assert line is not None
    assert line.items == items


@pytest.mark.parametrize(
    "text",
    [
        "crm%3a42\td_sid=24",
        "crm-42\td_sid=24,",
        "crm-42\td_sid=",
        "crm-42\td_sid=gold",
        "crm-42\tgold",
        "crm-42\t24:1",
        "\td_sid=24",
        "",
    ],
)
def test_other_lines_are_not_read(text):
    assert InboundLine.parse(text) is None


def test_a_line_that_is_too_long_is_not_read():
    rest = "\td_sid=24"
    assert InboundLine.parse("a" * (MAX_LINE_BYTES - len(rest)) + rest)
    assert InboundLine.parse("a" * (MAX_LINE_BYTES - len(rest) + 1) + rest) is None


def test_ids_of_audience_manager_have_38_digits():
    assert InboundLine.parse(f"{UUID}\td_sid=24", uuid_source=True)
    assert InboundLine.parse(f"{UUID[:-1]}X\td_sid=24", uuid_source=True) is None


@pytest.mark.parametrize(("key", "value"), [("", "a"), ("a", 'b"'), ("a\tb", "c"), ("D_SID", "1"), ("-a", "b")])
def test_a_signal_that_cannot_be_written_cannot_be_made(key, value):
    with pytest.raises(ValueError, match="key"):
        Signal(key, value)


@given(st.builds(InboundLine, IDS, st.lists(ITEMS, min_size=1, max_size=5).map(tuple)))
def test_what_is_written_is_read(line):
    assert InboundLine.parse(str(line)) == line
