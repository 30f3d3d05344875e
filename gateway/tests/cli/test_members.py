"""`members read` and `members write`, over broken connections too."""

from __future__ import annotations

import csv

import grpc
import pyarrow as pa
import pytest
from audience_gateway.api import members
from audience_gateway.sdk import MemberBatch
from audience_gateway.v1 import audience_service_pb2 as messages
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2
from audience_gateway.v1.members_pb2 import MEMBER_FORMAT_ARROW

READ = ("members", "read", "people/gold", "--data-source", "visitor-id")
TO = ("campaign/gold", "--data-source", "visitor-id")
TRANSFER = transfer_pb2.Transfer(name="transfers/t-1", state="TRANSFER_STATE_SUCCEEDED")


class Streams:
    """Takes streams in and breaks the connection behind so many chunks of all, once for each number."""

    def __init__(self, *cuts: int, most_rows: int = 2) -> None:
        self.cuts = list(cuts)
        self.most_rows = most_rows
        self.openings: list[messages.OpenMemberStream] = []
        self.kept: dict[int, list[str | None]] = {}
        self.ended: messages.EndMemberStream | None = None
        self.leaving: list[str | None] = []

    def __call__(self, requests, context):
        self.openings.append(next(requests).open)
        opened = messages.MemberStreamOpened(last_sequence=len(self.kept), window=2, max_chunk_rows=self.most_rows)
        yield messages.WriteMembersResponse(opened=opened)
        for request in requests:
            if self.cuts and len(self.kept) >= self.cuts[0]:
                self.cuts.pop(0)
                context.abort(grpc.StatusCode.UNAVAILABLE, "cut")
            if request.HasField("end"):
                self.ended = request.end
                yield messages.WriteMembersResponse(ended=messages.MemberStreamEnded(transfer=TRANSFER))
                return
            yield messages.WriteMembersResponse(acknowledged=self.keep(request.chunk))

    def keep(self, chunk):
        batch = members.decode(chunk.members, "chunk.members", self.most_rows)
        assert chunk.sequence == len(self.kept) + 1
        ids = batch.columns.column("id")
        self.kept[chunk.sequence] = ids.to_pylist()
        self.leaving += ids.filter(batch.columns.column("leaves")).to_pylist()
        return messages.MemberChunkAcknowledged(sequence=chunk.sequence, accepted=len(batch))


@pytest.fixture
def streaming(gateway):
    """Lets the gateway take streams in."""

    def take(*cuts, **changes):
        streams = Streams(*cuts, **changes)
        gateway.calls["WriteMembers"] = streams
        gateway.answers |= {
            "WatchTransfer": lambda _: iter([transfer_service_pb2.WatchTransferResponse(transfer=TRANSFER)]),
            "GetReceipt": transfer_service_pb2.GetReceiptResponse(receipt=transfer_pb2.Receipt(canonical_json="{}")),
        }
        return streams

    return take


def written(path, *lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def test_a_file_is_written_in_chunks_and_its_end_tells_their_number(streaming, run, tmp_path):
    streams = streaming()
    result = run("members", "write", written(tmp_path / "a.csv", "id", "a", "b", "", "d", "e"), *TO)

    assert result.exit_code == 0, result.output
    assert streams.kept == {1: ["a", "b"], 2: [None, "d"], 3: ["e"]}
    assert (streams.ended.last_sequence, streams.ended.rows) == (3, 5)
    [opening] = streams.openings
    assert (opening.destination, opening.data_source) == (
        "connections/campaign/audiences/gold",
        "dataSources/visitor-id",
    )
    assert opening.mode == transfer_pb2.TRANSFER_MODE_ADD_ONLY
    assert "transfer t-1" in result.output


def test_the_ids_may_be_in_any_column_and_members_that_left_may_be_removed(streaming, run, tmp_path):
    streams = streaming()
    path = written(tmp_path / "a.csv", "name,mid", "Ann,a", '"Bo, the second",b', "Cy,")
    result = run("members", "write", path, *TO, "--column", "mid", "--replace")

    assert result.exit_code == 0, result.output
    assert streams.kept == {1: ["a", "b"], 2: [None]}
    assert streams.openings[0].mode == transfer_pb2.TRANSFER_MODE_REPLACE


def test_the_members_of_a_file_may_be_removed(streaming, run, tmp_path):
    streams = streaming()
    result = run("members", "write", written(tmp_path / "a.csv", "id", "a"), *TO, "--remove")

    assert result.exit_code == 0, result.output
    assert streams.openings[0].mode == transfer_pb2.TRANSFER_MODE_REMOVE_ONLY


def test_over_broken_connections_every_chunk_is_kept_once(streaming, run, tmp_path):
    streams = streaming(0, 1, 3)
    ids = [f"id-{number}" for number in range(9)]
    result = run("members", "write", written(tmp_path / "a.csv", "id", *ids), *TO)

    assert result.exit_code == 0, result.output
    assert [one for chunk in streams.kept.values() for one in chunk] == ids
    assert len({opening.SerializeToString() for opening in streams.openings}) == 1
    assert len(streams.openings) == 4


def test_another_process_with_the_same_request_id_goes_on_behind_what_is_kept(streaming, run, tmp_path):
    streams = streaming()
    streams.kept = {1: ["a", "b"], 2: ["c", "d"]}
    path = written(tmp_path / "a.csv", "id", "a", "b", "c", "d", "e")
    result = run("members", "write", path, *TO, "--request-id", "0b7f5c1e-6a52-4d8e-9d57-2f3a1c4b5d6e")

    assert result.exit_code == 0, result.output
    assert streams.kept[3] == ["e"]
    assert (streams.ended.last_sequence, streams.ended.rows) == (3, 5)


def test_a_refusal_says_how_to_go_on(gateway, run, tmp_path):
    gateway.refuse("WriteMembers", grpc.StatusCode.FAILED_PRECONDITION, "no such thing")
    result = run("members", "write", written(tmp_path / "a.csv", "id", "a"), *TO, "--request-id", "r-1")

    assert result.exit_code == 1
    assert "With --request-id r-1 the same command goes on" in result.output
    assert "no such thing" in result.output


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        (["id,name", "secret,a", "secret"], "row 3 has another number of columns than the header"),
        (["name,age", "secret,7"], "there is no column 'id'"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_without_its_content(streaming, run, tmp_path, lines, finding):
    streaming(most_rows=100)
    result = run("members", "write", written(tmp_path / "torn.csv", *lines), *TO)

    assert result.exit_code == 1
    assert f"torn.csv: {finding}" in result.output
    assert "secret" not in result.output


def test_a_missing_file_is_named(streaming, run, tmp_path):
    streaming()
    result = run("members", "write", str(tmp_path / "missing.csv"), *TO)

    assert result.exit_code == 1
    assert "missing.csv: the file cannot be read: No such file or directory" in result.output


@pytest.fixture
def reading(gateway):
    """An audience of three pages; the connection breaks once behind the second."""
    pages = {"": (["a", "b"], "1"), "1": ([None], "2"), "2": (["c"], "3")}
    cuts = ["2"]

    def pages_behind(request):
        token = request.resume_token
        while token in pages:
            if token in cuts:
                cuts.remove(token)
                raise ConnectionError
            ids, token = pages[token]
            encoded = members.encode(MemberBatch.of(ids), request.format)
            yield messages.ReadMembersResponse(members=encoded, resume_token=token)

    def answer(request, context):
        try:
            yield from pages_behind(request)
        except ConnectionError:
            context.abort(grpc.StatusCode.UNAVAILABLE, "cut")

    gateway.calls["ReadMembers"] = answer
    return gateway


def test_ids_are_printed_each_once_over_a_broken_connection(reading, run):
    result = run(*READ)

    assert result.exit_code == 0, result.output
    assert [row[:1] for row in csv.reader(result.stdout.splitlines())] == [["id"], ["a"], ["b"], [], ["c"]]
    assert [request.resume_token for request in reading.requests] == ["", "2"]
    assert {request.format for request in reading.requests} == {MEMBER_FORMAT_ARROW}


def test_an_arrow_file_has_all_columns(reading, run, tmp_path):
    result = run(*READ, "--out", str(tmp_path / "gold.arrow"))

    assert result.exit_code == 0, result.output
    with pa.OSFile(str(tmp_path / "gold.arrow")) as file:
        table = pa.ipc.open_file(file).read_all()
    assert table.schema == MemberBatch.SCHEMA
    assert table.column("id").to_pylist() == ["a", "b", None, "c"]


def test_what_was_read_is_written_again_row_by_row(reading, streaming, run, tmp_path):
    streams = streaming()
    path = str(tmp_path / "gold.csv")
    assert run(*READ, "--out", path).exit_code == 0
    assert run("members", "write", path, *TO).exit_code == 0

    assert streams.kept == {1: ["a", "b"], 2: [None, "c"]}


def test_changes_are_written_and_read_with_a_column_that_says_what_they_are(reading, streaming, run, tmp_path):
    rows = MemberBatch.of(["a", "b"], leaves=[False, True])
    reading.calls["ReadMembers"] = lambda request, _: iter(
        [messages.ReadMembersResponse(members=members.encode(rows, request.format))]
    )
    streams, path = streaming(), str(tmp_path / "gold.csv")
    refused = run(*READ)
    assert run(*READ, "--changes", "--out", path).exit_code == 0
    assert run("members", "write", path, *TO, "--change-column", "change").exit_code == 0

    assert (refused.exit_code, "some rows say that somebody leaves" in refused.output) == (1, True)
    assert (streams.kept, streams.leaving) == ({1: ["a", "b"]}, ["b"])
    assert streams.openings[0].mode == transfer_pb2.TRANSFER_MODE_DELTA


def test_a_change_that_is_none_is_named_by_its_row(streaming, run, tmp_path):
    streaming(most_rows=100)
    path = written(tmp_path / "torn.csv", "id,change", "a,add", "b, Remove", "secret,gone")
    result = run("members", "write", path, *TO, "--change-column", "change")

    assert result.exit_code == 1
    assert "torn.csv: row 3 says neither `add` nor `remove`" in result.output
    assert "secret" not in result.output


def test_a_file_of_an_audience_that_cannot_be_read_is_not_written(gateway, run, tmp_path):
    gateway.refuse("ReadMembers", grpc.StatusCode.NOT_FOUND, "there is none")
    result = run(*READ, "--out", str(tmp_path / "gold.csv"))

    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []
