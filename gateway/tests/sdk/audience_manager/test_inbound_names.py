from __future__ import annotations

import pytest
from audience_gateway.sdk.audience_manager.inbound_names import GLOBAL_DEVICE_DATA_SOURCES, InboundName, Mode
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.integers(0, 10**9)
OWN_SOURCES = NUMBERS.filter(lambda dpid: dpid not in GLOBAL_DEVICE_DATA_SOURCES)
TIMESTAMPS = st.integers(0, 10**10 - 1)
PLAIN = st.builds(
    InboundName,
    data_source_id=OWN_SOURCES,
    timestamp=TIMESTAMPS,
    mode=st.sampled_from(Mode),
    target=st.none() | NUMBERS,
    split=st.none() | NUMBERS,
    gzip=st.booleans(),
    oracle_data_cloud=st.booleans(),
)
ENCRYPTED = st.builds(
    InboundName,
    data_source_id=OWN_SOURCES,
    timestamp=TIMESTAMPS,
    encryption=st.sampled_from(["pgp", "gpg"]),
)


def test_a_name_bears_all_that_is_known_of_its_file():
    name = InboundName.parse("ftp_dpm_odc_478_567_1366545717.overwrite.1.gz")
    assert name == InboundName(
        data_source_id=478,
        target=567,
        timestamp=1366545717,
        mode=Mode.OVERWRITE,
        split=1,
        gzip=True,
        oracle_data_cloud=True,
    )


@pytest.mark.parametrize(
    "text",
    ["ftp_dpm_478_1366545717.sync.gz.processed", "ftp_dpm_٤٧٨_1366545717.sync", f"ftp_dpm_{'4' * 5000}_1.sync", ""],
)
def test_other_names_are_not_read(text):
    assert InboundName.parse(text) is None
    assert InboundName.parse(text, lenient=True) is None


def test_a_name_that_breaks_the_grammar_cannot_be_made():
    with pytest.raises(ValueError, match="neither split nor compressed"):
        InboundName(data_source_id=478, timestamp=1366545717, gzip=True, encryption="pgp")
    with pytest.raises(ValueError, match="10 digits"):
        InboundName(data_source_id=478, timestamp=13665457170)
    with pytest.raises(ValueError, match="target"):
        InboundName(data_source_id=20914, timestamp=1366545717)


@given(PLAIN | ENCRYPTED)
def test_what_is_written_is_read(name):
    assert InboundName.parse(str(name)) == name
