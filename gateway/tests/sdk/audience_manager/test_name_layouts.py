from __future__ import annotations

import pytest
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate, OutboundName, SyncMode
from hypothesis import given
from hypothesis import strategies as st

BARE = NameTemplate(layout="<SYNC_MODE>-<TIMESTAMP><SPLITNUM>", extension="csv")


def test_a_layout_may_leave_out_what_it_likes():
    name = BARE.parse("full-1566906141001002.csv")
    assert name == OutboundName(timestamp=1566906141001, split=2, gzip=False)
    assert BARE.write(name) == "full-1566906141001002.csv"


def test_a_timestamp_may_be_written_out():
    template = NameTemplate(layout='<ORDER_ID>.<DPID>.<TIMESTAMP; format="YYYYMMDDhhmmss"><SPLITNUM>')
    name = template.parse("4711.20914.20260102123000001.sync.gz")
    assert name == OutboundName(
        destination_id=4711, partner_data_source_id=20914, timestamp=20260102123000, split=1, gzip=True
    )


def test_characters_that_cannot_be_typed_have_macros():
    template = NameTemplate(layout="<DID><TAB><TIMESTAMP><ASCII_SOH>")
    assert template.parse("1\t1566906141001\x01.sync") == OutboundName(
        destination_id=1, timestamp=1566906141001, gzip=False
    )


def test_what_stands_in_brackets_is_left_out_with_its_value():
    template = NameTemplate(layout="[<PID_ALIAS>.]<TIMESTAMP>[.s<SYNC_TYPE>]")
    named = OutboundName(alias="crm", sync_type="FTP", timestamp=1566906141001)
    assert template.write(named) == "crm.1566906141001.sFTP.sync.gz"
    assert template.write(OutboundName(timestamp=1566906141001)) == "1566906141001.sync.gz"
    assert template.parse("crm.1566906141001.sFTP.sync.gz") == named


@pytest.mark.parametrize(
    ("layout", "finding"),
    [
        ("<TIMESTAMP>_<DATE>", "unknown macro, `DATE`"),
        ("<DID>_<DID>", "stands twice"),
        ("<DID>_<ORDER_ID>", "stands twice"),
        ("[<DID>", "does not close"),
        ("[[<DID>]]", "within each other"),
        ("<DID>]", "within each other"),
        ("[text]", "one macro of a value"),
        ("<did>", "no sequence"),
        ('<DID; format="YYYYMMDDhhmmss">', "only a timestamp"),
        ('<TIMESTAMP; format="YY">', "only a timestamp"),
    ],
)
def test_a_layout_that_makes_no_sense_is_refused(layout, finding):
    with pytest.raises(ValueError, match=finding):
        NameTemplate(layout=layout)


def test_a_number_of_thousands_of_digits_is_no_name():
    assert NameTemplate(layout="<DID>").parse("9" * 5000 + ".sync") is None


@given(
    st.builds(
        OutboundName,
        mode=st.sampled_from(SyncMode),
        timestamp=st.integers(0, 10**13 - 1),
        split=st.integers(0, 10**5),
        gzip=st.booleans(),
    )
)
def test_what_is_written_by_a_bare_layout_is_read(name):
    assert BARE.parse(BARE.write(name)) == name


@given(st.text(max_size=60) | st.from_regex(r"[sS]3_[0-9]{1,3}_[0-9]{1,3}(_x)?_full_[0-9]{13}(00[0-9])?\.sync(\.gz)?"))
def test_whatever_a_name_is_it_is_read_or_not(text):
    name = NameTemplate().parse(text)
    assert name is None or NameTemplate().parse(NameTemplate().write(name)) == name
