"""`transfers outcomes --reveal-ids`: in the table, as JSON, in files for programs, and in files for spreadsheets."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.transfers.service import REVEALED_ROWS
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2

IDS = ["=HYPERLINK(1)", "+49301234", "plain", None]
ROWS = [
    {"row": row, "outcome": "rejected", "reason": "invalid_id", "detail": "", "id_fingerprint": "a1", "id": id_}
    for row, id_ in enumerate(IDS, 1)
]


@pytest.fixture
def tokens(gateway, monkeypatch):
    """The tokens that calls came with; the environment has one."""
    monkeypatch.setenv("AUDIENCE_GATEWAY_TOKEN", "secret")
    found = []

    def listed(request, context):
        found.append(dict(context.invocation_metadata()).get("authorization"))
        outcomes = [
            transfer_pb2.RowOutcome(**{**row, "outcome": "OUTCOME_REJECTED"} if request.reveal_ids else {"row": 1})
            for row in ROWS
        ]
        return transfer_service_pb2.ListOutcomesResponse(outcomes=outcomes)

    def exported(request, context):
        found.append(dict(context.invocation_metadata()).get("authorization"))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, REVEALED_ROWS) as stream:
            stream.write_batch(pa.RecordBatch.from_pylist(ROWS, schema=REVEALED_ROWS))
        yield transfer_service_pb2.ExportOutcomesResponse(arrow=sink.getvalue().to_pybytes(), last_row=len(ROWS))

    gateway.calls |= {"ListOutcomes": listed, "ExportOutcomes": exported}
    return found


def reveal(run, *options):
    result = run("transfers", "outcomes", "t-1", "--reveal-ids", *options)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_table_has_ids_and_the_call_the_token(tokens, run):
    assert "=HYPERLINK(1)" in reveal(run)
    assert tokens == ["Bearer secret"]


def test_the_table_has_nothing_that_a_terminal_would_obey(gateway, tokens, run):
    row = transfer_pb2.RowOutcome(row=1, outcome="OUTCOME_REJECTED", id="a\x1b[2Jb")
    del gateway.calls["ListOutcomes"]
    gateway.answers["ListOutcomes"] = transfer_service_pb2.ListOutcomesResponse(outcomes=[row])
    assert "a\ufffd[2Jb" in reveal(run)


def test_json_has_ids(tokens, run):
    assert [row.get("id") for row in json.loads(reveal(run, "--json"))] == IDS


def test_a_file_for_programs_has_ids_as_they_are(tokens, run, tmp_path):
    path = tmp_path / "rows.parquet"
    reveal(run, "--output", str(path))
    found = pq.read_table(path)
    assert (found.schema, found.column("id").to_pylist()) == (REVEALED_ROWS, IDS)
    assert tokens == ["Bearer secret"]


def test_a_file_for_people_has_no_id_that_is_a_formula(tokens, run, tmp_path):
    path = tmp_path / "rows.csv"
    reveal(run, "--output", str(path))
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    assert [row["id"] for row in rows] == ["'=HYPERLINK(1)", "'+49301234", "plain", ""]


def test_without_a_token_nothing_is_asked(tokens, run, monkeypatch):
    monkeypatch.delenv("AUDIENCE_GATEWAY_TOKEN")
    result = run("transfers", "outcomes", "t-1", "--reveal-ids")
    assert (result.exit_code, tokens) == (1, [])
    assert "AUDIENCE_GATEWAY_TOKEN is not set" in result.stderr


def test_a_token_does_not_go_along_where_no_right_is_needed(tokens, run):
    run("transfers", "outcomes", "t-1")
    assert tokens == [None]
