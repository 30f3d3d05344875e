"""Each row of a source is accounted for, whatever it holds; what cannot be read fails in one line, delivering nothing.

How many rows a file has and what must become of them is known by how it is made here.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.v1.audience_service_pb2 import ShareAudienceRequest
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.transfer_pb2 import Transfer, TransferState
from audience_gateway.v1.transfer_service_pb2 import GetReceiptRequest, WatchTransferRequest
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub

HEADER = b"name,personalEmail_address\n"
OWN_SOURCE = """
[data_sources.noisy]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"
codec = "sha256"
aam_data_source_id = 2000
aam_destination_id = 1000

[data_sources.cut]
id_type = "declared_id"
reconciliation_key = "@email"
aam_data_source_id = 2001
aam_destination_id = 1000

[connections.people.settings.audiences.noisy]
segment_id = 77

[connections.people.settings.audiences.cut]
segment_id = 78

[connections.campaign]
"""


@dataclass(frozen=True)
class Person:
    """A recipient of the sandbox's Campaign who may be delivered."""

    recipient: int
    email: bytes

    @property
    def row(self) -> bytes:
        return b"x," + self.email + b"\n"

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.email).hexdigest().encode()


@pytest.fixture(scope="module")
def people(systems) -> list[Person]:
    """Recipients who have not opted out, of whom each has an address of their own."""
    query = """SELECT min(id), min(email) FROM recipient WHERE email LIKE '%_@_%'
        GROUP BY lower(trim(email)) HAVING count(*) = 1 AND max(blackList) = 0 AND min(email) = lower(trim(email))
        ORDER BY 1 LIMIT 50"""
    database = sqlite3.connect(f"file:{systems.directory / 'sandbox' / 'campaign.sqlite'}?mode=ro", uri=True)
    try:
        return [Person(recipient, email.encode()) for recipient, email in database.execute(query)]
    finally:
        database.close()


class Client:
    """A client of the gateway, which does not take as long as to start a command line for each share."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._audiences, self._transfers = AudienceServiceStub(channel), TransferServiceStub(channel)

    def ended(self, source: str, audience: str, destination: str, data_source: str) -> Transfer:
        """Shares into a list of Campaign and waits for the end."""
        request = ShareAudienceRequest(
            source=f"connections/{source}/audiences/{audience}",
            destination=f"connections/campaign/audiences/{destination}",
            data_source=f"dataSources/{data_source}",
        )
        name = self._audiences.ShareAudience(request).transfer.name
        return list(self._transfers.WatchTransfer(WatchTransferRequest(name=name)))[-1].transfer

    def reasons(self, *share: str) -> dict[str, int]:
        """Shares, which must succeed; answers rows by reason, once it is sure that no row is missing."""
        transfer = self.ended(*share)
        assert transfer.state == TransferState.TRANSFER_STATE_SUCCEEDED, transfer.failure
        document = self._transfers.GetReceipt(GetReceiptRequest(name=transfer.name)).receipt.canonical_json
        return reasons_of(json.loads(document))


@pytest.fixture(scope="module")
def lists(shared_gateway) -> Path:
    """The directory of the connection `files`."""
    return shared_gateway.state / "lists"


@pytest.fixture(scope="module")
def client(shared_gateway):
    """A client of a gateway that knows an audience of People for these tests only."""
    shared_gateway.start(**{"\n[connections.campaign]\n": OWN_SOURCE})
    with grpc.insecure_channel(shared_gateway.address) as channel:
        yield Client(channel)


@pytest.fixture
def share(client, lists, systems):
    """Shares a file of this content into a list of the same name; answers its rows by reason, and the list."""

    def shared(name: str, content: bytes) -> tuple[dict[str, int], list[int]]:
        (lists / name).write_bytes(content)
        return client.reasons("files", name, name, "email"), systems.members(name)

    return shared


def reasons_of(receipt) -> dict[str, int]:
    reasons = Counter()
    for outcome, by_reason in receipt["reasons"].items():
        assert sum(by_reason.values()) == receipt["outcomes"][outcome]
        reasons.update(by_reason)
    assert len(receipt["outcomes"]) == 7
    assert sum(receipt["outcomes"].values()) == receipt["rows_read"] == reasons.total()
    return dict(reasons)


def recipients(people) -> list[int]:
    return sorted(person.recipient for person in people)


def rows(people) -> bytes:
    return b"".join(person.row for person in people)


def parquet(ids: list[bytes | None], **options) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"personalEmail_address": pa.array(ids, pa.binary()).cast(pa.string()), "n": range(len(ids))})
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def test_each_line_of_noise_is_rejected_and_the_people_between_them_arrive(share, people, chance):
    def noise(
        forced: bytes,
    ) -> bytes:  # a quote may join lines, a line end cuts them: without both, lines can be counted
        raw = chance.randbytes(chance.randrange(1, 400)) + forced
        return raw.translate(None, b'"\r\n') + b"\n"

    lines = [noise(b"\xff\0") for _ in range(900)]
    lines += [bytes(byte for byte in noise(b"\0") if byte < 128) for _ in range(300)]
    lines += [person.row for person in people]
    chance.shuffle(lines)
    found = share("noise.csv", HEADER + b"".join(lines))
    assert found == ({"added": 50, "invalid_encoding": 900, "malformed_row": 300}, recipients(people))


def test_a_megabyte_of_any_bytes_is_accounted_for(share, chance):
    noise = chance.randbytes(1_000_000)
    lines = [line for line in noise.replace(b"\r", b"\n").split(b"\n") if line]
    reasons, members = share("any-bytes.csv", HEADER + noise)
    assert set(reasons) <= {"invalid_encoding", "malformed_row", "invalid_id", "unknown_id", "no_id"}
    assert 0.99 * len(lines) < sum(reasons.values()) <= len(lines)
    assert members == []


def test_rows_with_too_few_or_too_many_columns(share, people):
    bad = [b"alone\n", b"a,b,c\n", people[2].email + b"\n", b",,,,,,,,,,,\n", b'"a,b"\n']
    content = HEADER + people[0].row + b"".join(bad) + people[1].row
    assert share("columns.csv", content) == ({"added": 2, "malformed_row": 5}, recipients(people[:2]))


def test_bytes_that_are_no_utf_8(share, people):
    latin, cut, overlong, surrogate = b"\xe9", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80"
    bad = b"".join(odd + people[2].row for odd in (latin, cut, overlong, surrogate)) + b"x,a\xfe@example.org\n"
    content = HEADER + people[0].row + bad + "ß,ü@example.org\n".encode() + people[1].row
    reasons = {"added": 2, "invalid_encoding": 5, "unknown_id": 1}
    assert share("latin.csv", content) == (reasons, recipients(people[:2]))


def test_an_id_that_no_recipe_takes(share, people):
    bad = [b"x,\n", b"x, \n", b"x,no address\n", b"x,a@b@c\n", b"x,null\n", b"x,a@b:c\n"]
    reasons, members = share("ids.csv", HEADER + b"".join(bad) + people[0].row)
    assert reasons == {"added": 1, "no_id": 1, "invalid_id": 4, "placeholder_id": 1}
    assert members == [people[0].recipient]


NO_ROWS = {
    "empty.csv": b"",
    "empty.tsv": b"",
    "empty.csv.gz": b"",
    "empty-member.csv.gz": gzip.compress(b""),
    "header-only.csv": HEADER,
    "header-without-end.csv": HEADER.strip(),
    "no-rows.parquet": parquet([]),
}


@pytest.mark.parametrize("name", NO_ROWS)
def test_a_file_without_rows_has_none(share, name):
    assert share(name, NO_ROWS[name]) == ({}, [])


def test_a_field_of_ten_megabytes(share, people):
    content = HEADER + people[0].row + b"x," + b"y" * 10_000_000 + b"@example.org\n" + people[1].row
    assert share("large.csv", content) == ({"added": 2, "row_too_large": 1}, recipients(people[:2]))


def test_mixed_line_ends(share, people):
    lines = [person.row.strip() for person in people[:6]]
    ends = [b"\n", b"\r\n", b"\r", b"\n\n\r\n", b"\r\r", b""]
    content = HEADER.strip() + b"\r" + b"".join(map(bytes.__add__, lines, ends))
    assert share("line-ends.csv", content) == ({"added": 6}, recipients(people[:6]))


def test_a_quote_that_is_never_closed_costs_its_own_line(share, people):
    content = HEADER + people[0].row + b'"never closed,x\n' + rows(people[1:5]) + b'x,"nor this'
    assert share("quote.csv", content) == ({"added": 5, "malformed_row": 2}, recipients(people[:5]))


def test_a_byte_order_mark(share, people):
    content = b"\xef\xbb\xbfpersonalEmail_address,name\n" + people[0].email + b",x\n"
    assert share("mark.csv", content) == ({"added": 1}, recipients(people[:1]))


GZIPS = {
    "one.csv.gz": gzip.compress,
    "stored.csv.gz": lambda plain: gzip.compress(plain, compresslevel=0),
    "many.csv.gz": lambda plain: b"".join(gzip.compress(plain[at : at + 7]) for at in range(0, len(plain), 7)),
    "empty-inside.csv.gz": lambda plain: gzip.compress(b"") + gzip.compress(plain) + gzip.compress(b""),
    "padded.csv.gz": lambda plain: gzip.compress(plain) + b"\0" * 1024,
}


@pytest.mark.parametrize("name", GZIPS)
def test_each_kind_of_gzip(share, people, name):
    content = GZIPS[name](HEADER + rows(people) + b"too,many,columns\n")
    assert share(name, content) == ({"added": 50, "malformed_row": 1}, recipients(people))


@pytest.mark.parametrize(("name", "pack"), [("tabs.tsv", bytes), ("tabs.tsv.gz", gzip.compress)])
def test_tabs(share, people, name, pack):
    content = (HEADER + rows(people)).replace(b",", b"\t") + b"comma,x\n"
    assert share(name, pack(content)) == ({"added": 50, "malformed_row": 1}, recipients(people))


@pytest.mark.parametrize(
    ("name", "pack", "options"),
    [
        ("plain.parquet", bytes, {}),
        ("groups.parquet", bytes, {"row_group_size": 7, "compression": "zstd", "use_dictionary": False}),
        ("packed.parquet.gz", gzip.compress, {}),
    ],
)
def test_parquet(share, people, name, pack, options):
    ids = [person.email for person in people] + [None, b"", b"no address", people[0].email.upper(), b"y" * 2_000_000]
    reasons = {"added": 50, "no_id": 2, "invalid_id": 1, "same_id": 1, "row_too_large": 1}
    assert share(name, pack(parquet(ids, **options))) == (reasons, recipients(people))


def test_lines_of_people_that_are_no_rows(client, systems, people, chance):
    mine = [person.hash + b"\t12,77\n" for person in people[:20]]
    others = [person.hash + b"\t12,770\n" for person in people[20:30]] + [people[30].hash + b"\t\n"] * 5
    noise = [b"\xff" + chance.randbytes(99).translate(None, b"\n") + b"\n" for _ in range(200)]
    malformed = [b"no tab\n", b"\t77\n", people[31].hash + b"\tseventy-seven\n", people[32].hash + b" 77\n"]
    large = [b"y" * 200_000 + b"\t77\n"]
    ids = [b"short\t77\n", b"g" * 64 + b"\t77\n", hashlib.sha256(b"").hexdigest().encode() + b"\t77\n"]
    ids += [people[0].hash.upper() + b"\t77\r\n", b"0" * 63 + b"1\t77\n"]
    lines = [*mine, *others, *noise, *malformed, *large, b"\n", b"\r\n"]
    chance.shuffle(lines)
    bucket = systems.directory / "sandbox" / "importSharedAudience"
    half = len(lines) // 2
    name = "S3_1000_2000_full_1767225600000"
    (bucket / f"{name}.sync.gz").write_bytes(gzip.compress(b"".join(lines[:half])))
    (bucket / f"{name}001.sync").write_bytes(b"".join([*lines[half:], *ids]).removesuffix(b"\n"))
    found = client.reasons("people", "noisy", "noisy", "noisy")
    expected = {"added": 20, "invalid_encoding": 200, "malformed_row": 4, "row_too_large": 1}
    expected |= {"not_encoded": 2, "hash_of_empty": 1, "same_id": 1, "unknown_id": 1}
    assert found == expected
    assert systems.members("noisy") == recipients(people[:20])


WHOLE = HEADER + b"".join(b"x,%s@example.org\n" % hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(50_000))
UNREADABLE = {
    "cut.csv.gz": (gzip.compress(WHOLE)[:-700_000], r":\d{4,5}: the file is .* damaged or ends too early"),
    "cut-trailer.csv.gz": (gzip.compress(WHOLE)[:-4], ":50002: the file is .* ends too early"),
    "cut-header.csv.gz": (gzip.compress(WHOLE[:20])[:-4], ":1: the file is .* ends too early"),
    "wrong-sum.csv.gz": (gzip.compress(WHOLE)[:-8] + b"\1" * 8, r":\d+: the file is .* damaged"),
    "text.csv.gz": (WHOLE, ":1: the file is no gzip"),
    "text.parquet": (WHOLE, ":1: the file is not valid Parquet"),
    "cut.parquet": (parquet([b"a@example.org"] * 1000)[:-100], ":1: the file is not valid Parquet"),
    "noise.tsv": (b"\x80\xff\0" * 1000, ":1: the header cannot be read"),
    "utf-16.csv": (WHOLE.decode().encode("utf-16"), ":1: the header cannot be read"),
    "other-header.csv": (b"id,mail\n1,a@example.org\n", ":1: there is no column `personalEmail_address`"),
    "no-suffix": (WHOLE, ": there is no such audience"),
    "absent.csv": (None, ": there is no such audience"),
}
"""Contents of files, and what is said about each behind its name."""


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_fails_in_one_line_and_delivers_nothing(client, lists, systems, name):
    content, finding = UNREADABLE[name]
    if content is not None:
        (lists / name).write_bytes(content)
    transfer = client.ended("files", name, name, "email")
    assert transfer.state == TransferState.TRANSFER_STATE_FAILED
    assert re.search(f"{re.escape(name)}{finding}", transfer.failure.message)
    assert transfer.failure.remedy
    assert "\n" not in transfer.failure.message + transfer.failure.remedy
    assert systems.members(name) == []


def test_a_directory_is_no_file(client, lists, systems):
    (lists / "directory.csv").mkdir()
    transfer = client.ended("files", "directory.csv", "directory", "email")
    assert transfer.state == TransferState.TRANSFER_STATE_FAILED
    assert "directory.csv: there is no such audience" in transfer.failure.message


def test_a_part_of_people_that_is_cut_fails_in_one_line_and_delivers_nothing(client, systems, people):
    part = "S3_1000_2001_full_1767225600000.sync.gz"
    lines = b"".join(person.hash + b"\t78\n" for person in people)
    (systems.directory / "sandbox" / "importSharedAudience" / part).write_bytes(gzip.compress(lines)[:-4])
    transfer = client.ended("people", "cut", "cut", "cut")
    assert transfer.state == TransferState.TRANSFER_STATE_FAILED
    assert re.search(rf"{re.escape(part)}:\d+: the file is .* ends too early", transfer.failure.message)
    assert systems.members("cut") == []


def test_the_command_line_says_it_in_one_line(client, shared_gateway, lists):
    (lists / "said.csv.gz").write_bytes(WHOLE)
    done = shared_gateway.cli("share", "files/said.csv.gz", "campaign/said", "--data-source", "email")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "said.csv.gz:1: the file is no gzip" in line
