from __future__ import annotations

from datetime import date

import pytest
from audience_gateway.sdk.audience_manager.inbound_keys import InboundKey
from hypothesis import given
from hypothesis import strategies as st

FOLDERS = st.text("ab=_-.0", min_size=1, max_size=8)
KEYS = st.builds(
    InboundKey,
    directory=st.lists(FOLDERS, max_size=3).map("/".join),
    partner=FOLDERS,
    day=st.dates(),
    file_name=FOLDERS,
)


def test_a_key_says_whose_file_it_is_and_of_which_day():
    key = InboundKey.parse("aws/example/date=2026-01-02/ftp_dpm_478_1366545717.sync")
    assert key == InboundKey(
        directory="aws", partner="example", day=date(2026, 1, 2), file_name="ftp_dpm_478_1366545717.sync"
    )


@pytest.mark.parametrize(
    "text",
    [
        "aws/example/2026-01-02/ftp_dpm_478_1366545717.sync",  # as the receipt has it
        "aws/example/date=2026-13-02/ftp_dpm_478_1366545717.sync",
        "date=2026-01-02/ftp_dpm_478_1366545717.sync",
        "aws/example/date=2026-01-02/",
        "",
    ],
)
def test_other_keys_are_not_read(text):
    assert InboundKey.parse(text) is None


def test_a_key_that_breaks_the_layout_cannot_be_made():
    with pytest.raises(ValueError, match="slashes"):
        InboundKey(partner="a/b", day=date(2026, 1, 2), file_name="c")


@given(KEYS)
def test_what_is_written_is_read(key):
    assert InboundKey.parse(str(key)) == key
