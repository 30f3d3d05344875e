"""`transfers outcomes --output`: files for programs, and for people, whose spreadsheets must not run what they read."""

from __future__ import annotations

import csv
import io
import re

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.cli.formulas import without_formulas
from audience_gateway.transfers.service import OUTCOME_ROWS
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2
from hypothesis import given
from hypothesis import strategies as st

DETAILS = ["=1+1", 'said "=HYPERLINK(1)"', "", "E1; no"]


def message(first, *details):
    batch = pa.RecordBatch.from_pylist(
        [
            {
                "row": row,
                "outcome": "rejected",
                "reason": "refused_by_destination",
                "detail": detail,
                "id_fingerprint": "a1",
            }
            for row, detail in enumerate(details, first)
        ],
        schema=OUTCOME_ROWS,
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, OUTCOME_ROWS) as stream:
        stream.write_batch(batch)
    return transfer_service_pb2.ExportOutcomesResponse(
        arrow=sink.getvalue().to_pybytes(), last_row=first + len(details) - 1
    )


@pytest.fixture
def export(gateway):
    """Lets the gateway stream so many rows a message, and break the connection behind so many rows, once for each."""

    def stream(*cuts, a_message=2, code=grpc.StatusCode.UNAVAILABLE):
        left = list(cuts)

        def call(request, context):
            for first in range(request.after_row, len(DETAILS), a_message):
                if left and first >= left[0]:
                    left.pop(0)
                    context.abort(code, "cut")
                yield message(first + 1, *DETAILS[first : first + a_message])

        gateway.calls["ExportOutcomes"] = call

    return stream


def test_a_file_for_programs_has_every_row_as_it_is(export, gateway, run, tmp_path):
    export()
    path = tmp_path / "rows.parquet"
    result = run("transfers", "outcomes", "t-1", "--outcome", "rejected", "--output", str(path))

    assert (result.exit_code, result.stdout) == (0, f"4 rows are in {path}.\n"), result.output
    found = pq.read_table(path)
    assert found.schema == OUTCOME_ROWS
    assert (found.column("row").to_pylist(), found.column("detail").to_pylist()) == ([1, 2, 3, 4], DETAILS)
    assert gateway.requests[0].outcome == transfer_pb2.OUTCOME_REJECTED


def test_a_file_for_people_has_no_formulas(export, run, tmp_path):
    export()
    path = tmp_path / "rows.csv"
    run("transfers", "outcomes", "t-1", "--output", str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))

    assert [row["row"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["detail"] for row in rows] == ["'=1+1", 'said "\'=HYPERLINK(1)"', "", "E1; no"]


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv"])
def test_over_broken_connections_every_row_is_there_once(export, run, tmp_path, name):
    export(1, 3, a_message=1)
    result = run("transfers", "outcomes", "t-1", "--output", str(tmp_path / name))

    assert (result.exit_code, result.stdout.split()[0]) == (0, "4"), result.output


def test_a_file_that_could_not_be_written_whole_is_not_there(export, run, tmp_path):
    export(2, code=grpc.StatusCode.INTERNAL)
    result = run("transfers", "outcomes", "t-1", "--output", str(tmp_path / "rows.csv"))

    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_tells_no_format_is_refused(export, run, tmp_path):
    export()
    result = run("transfers", "outcomes", "t-1", "--output", str(tmp_path / "rows.xlsx"))

    assert result.exit_code == 1
    assert result.stderr.endswith("its name tells no format. Let it end on .parquet or .csv.\n")


def test_a_place_that_cannot_be_written_is_named(export, run, tmp_path):
    export()
    (tmp_path / "file").touch()
    result = run("transfers", "outcomes", "t-1", "--output", str(tmp_path / "file" / "rows.csv"))

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_a_file_has_no_limit(export, run, tmp_path):
    export()
    result = run("transfers", "outcomes", "t-1", "--output", str(tmp_path / "rows.csv"), "--limit", "2")
    assert result.exit_code == 2


def harmless(text):
    batch = pa.record_batch([pa.array([text])], names=["text"])
    return without_formulas(batch).column(0)[0].as_py()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-2", "'-2"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\ttab", "'\ttab"),
        ("\rreturn", "'\rreturn"),
        ("\t=1", "'\t'=1"),
        ("  =1", "  '=1"),
        ("\uff1d1", "'\uff1d1"),
        ('"=1', "\"'=1"),
        ("no;=1", "no;'=1"),
        ("no, -1", "no, '-1"),
        ("no\n@x", "no\n'@x"),
        ("a-b = c + d@e", "a-b = c + d@e"),
        ("", ""),
    ],
)
def test_an_apostrophe_stands_before_whatever_a_spreadsheet_may_take_for_a_formula(text, safe):
    assert harmless(text) == safe


@given(st.text(alphabet="=+-@\t\r\n,;|\"' ab", max_size=12))
def test_however_a_spreadsheet_splits_the_text_no_cell_begins_like_a_formula(text):
    found = harmless(text)

    assert not re.match(r"[\t\r\n]", found)
    assert all(not cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in re.split(r"[,;|\t\r\n\"]", found))
