from __future__ import annotations

import pytest
from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncKind, IdSyncName
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.builds(
    IdSyncName,
    kind=st.sampled_from(IdSyncKind),
    data_source_ids=st.lists(st.integers(0, 10**12), min_size=2, max_size=5).map(tuple),
    timestamp=st.integers(0, 10**10 - 1),
    split=st.none() | st.integers(0, 10**6),
    gzip=st.booleans(),
)


def test_a_name_bears_the_data_sources_of_its_columns():
    name = IdSyncName.parse("adobe_id_123_898_456_1454442149.sync.1.gz")
    assert name == IdSyncName(
        kind=IdSyncKind.DEVICES, data_source_ids=(123, 898, 456), timestamp=1454442149, split=1, gzip=True
    )


def test_a_name_that_breaks_the_grammar_cannot_be_made():
    with pytest.raises(ValueError, match="two data sources"):
        IdSyncName(kind=IdSyncKind.DEVICES, data_source_ids=(0,), timestamp=1454442149)


@given(NAMES)
def test_what_is_written_is_read(name):
    assert IdSyncName.parse(str(name)) == name
