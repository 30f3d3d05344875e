from __future__ import annotations

import pytest
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate, OutboundName, SyncMode
from hypothesis import given
from hypothesis import strategies as st

MILLISECONDS = NameTemplate()
SECONDS_CSV = NameTemplate(timestamp_digits=10, extension="csv")

NAMES = st.builds(
    OutboundName,
    sync_type=st.sampled_from(["S3", "FTP", "HTTP"]),
    destination_id=st.integers(0, 10**9),
    data_source_id=st.integers(0, 10**9),
    alias=st.text("abcXYZ0189_-. full", max_size=20),
    mode=st.sampled_from(SyncMode),
    timestamp=st.integers(0, 10**10 - 1),
    split=st.integers(0, 10**5),
    gzip=st.booleans(),
)


@pytest.mark.parametrize(
    "text",
    [
        "ftp_1234_20915_full_148614084300.sync.gz",  # twelve digits
        "ftp_1234_20915_full_148614084300001.sync.gz",  # two digits are no part
        "ftp_1234_20915_full_1486140843000.csv",  # another extension than the template's
        "ftp_1234_full_1486140843000.sync.gz",
        "S3_1234_20915_full_1486140843000.info",  # control files have their own way
        "",
    ],
)
def test_other_names_are_not_read(text):
    assert MILLISECONDS.parse(text) is None


def test_one_name_means_different_things_to_different_templates():
    text = "S3_1_2_full_1566906141001.sync"
    as_seconds = NameTemplate(timestamp_digits=10).parse(text)
    as_milliseconds = MILLISECONDS.parse(text)
    assert as_seconds is not None
    assert as_milliseconds is not None
    assert (as_seconds.timestamp, as_seconds.split) == (1566906141, 1)
    assert (as_milliseconds.timestamp, as_milliseconds.split) == (1566906141001, 0)


def test_a_control_file_has_the_name_of_its_batch():
    info = MILLISECONDS.parse_info("S3_4711_38888_iter_1767225600000.info")
    assert info is not None
    assert (info.destination_id, info.data_source_id, info.timestamp) == (4711, 38888, 1767225600000)
    assert MILLISECONDS.parse_info("S3_4711_38888_full_1767225600000.sync.gz") is None


@given(NAMES, st.sampled_from([MILLISECONDS, SECONDS_CSV]))
def test_what_is_written_is_read(name, template):
    assert template.parse(template.write(name)) == name
