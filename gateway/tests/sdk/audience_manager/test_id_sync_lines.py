from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk.audience_manager.id_sync_lines import id_sync_rows
from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncKind, IdSyncName
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from hypothesis import given
from hypothesis import strategies as st

UUID = b"59767559181262060060278870901087098252"
DEVICES = IdSyncName(kind=IdSyncKind.DEVICES, data_source_ids=(123, 898), timestamp=0)
UUIDS = IdSyncName(kind=IdSyncKind.DEVICES, data_source_ids=(0, 898), timestamp=0)
EMAILS = IdSyncName(kind=IdSyncKind.HASHED_EMAILS, data_source_ids=(999999, 987654), timestamp=0)


def read(line: bytes, name: IdSyncName) -> list[str] | str | None:
    rows = id_sync_rows(pa.array([line], pa.binary()), name)
    assert not (rows.ids[0].is_valid and rows.defects[0].is_valid)
    return rows.ids[0].as_py() or rows.defects[0].as_py()


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        (DEVICES, b"a\tb", ["a", "b"]),
        (DEVICES, b"a", "malformed_row"),
        (DEVICES, b"a\tb\tc", "malformed_row"),
        (DEVICES, b"a\tb\t", "malformed_row"),
        (DEVICES, b"a\tb ", "malformed_row"),
        (DEVICES, b"a\t", "malformed_row"),
        (DEVICES, b"\tb", "malformed_row"),
        (DEVICES, b"a\t\xff", "invalid_encoding"),
        (DEVICES, b"a\t" + b"b" * MAX_LINE_BYTES, "row_too_large"),
        (DEVICES, b"", None),
        (UUIDS, UUID + b"\tb", [UUID.decode(), "b"]),
        (UUIDS, UUID[:-1] + b"X\tb", "malformed_row"),
        (EMAILS, b"a\t" + b"\t".join([b"h"] * 10), ["a", *["h"] * 10]),
        (EMAILS, b"a\t" + b"\t".join([b"h"] * 11), "malformed_row"),
    ],
)
def test_a_line_holds_ids_or_has_a_defect(name, line, expected):
    assert read(line, name) == expected


@given(
    st.lists(st.text("ab\t \ré", max_size=6).map(str.encode) | st.binary(max_size=5), max_size=6),
    st.sampled_from([DEVICES, UUIDS, EMAILS]),
)
def test_whatever_the_bytes_every_line_is_one_row(lines, name):
    rows = id_sync_rows(pa.array(lines, pa.binary()), name)
    for line, ids, defect in zip(lines, rows.ids.to_pylist(), rows.defects.to_pylist(), strict=True):
        assert (ids is not None) + (defect is not None) == bool(line)
        assert ids is None or "\t".join(ids).encode() == line
