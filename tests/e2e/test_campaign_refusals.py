"""A large share into a Campaign list while one call in twenty fails and one row in a hundred is refused.

What becomes of each row of the file is known beforehand, and so is who must be in the list.
"""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from audience_gateway.sdk import Reason
from audience_gateway.v1.transfer_pb2 import Outcome, TransferState
from audience_gateway.v1.transfer_service_pb2 import GetReceiptRequest, ListOutcomesRequest, WatchTransferRequest
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub

REFUSALS = (
    ("PGS-220000", "PGS-220000 PostgreSQL error: the record of the recipient is locked."),
    ("XTK-170012", "XTK-170012 The recipient violates a constraint."),
    ("XTK-170021", "XTK-170021 The folder of the recipient is read-only."),
)
FAULTS = {
    "fault": {"kind": "fault"},
    "fault-with-a-code": {"kind": "fault", "detail": "PGS-220000 PostgreSQL error: deadlock detected."},
    "text-403": {"kind": "text_403"},
    "expired-session": {"kind": "expired_session"},
    "unavailable": {"kind": "status", "status": 503},
    "rate-limit": {"kind": "status", "status": 429, "retry_after": 0},
    "cut": {"kind": "cut"},
    "reply-lost": {"kind": "reply_lost"},
}
SOAP = "/nl/jsp/soaprouter.jsp"
HEADER = "name,personalEmail_address\n"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file, and what must become of it."""

    value: str
    reason: Reason
    recipient: int = 0
    code: str = ""


class Plan:
    """A file of so many rows that end in every way a share can end that runs to its end."""

    def __init__(self, systems, rows: int) -> None:
        with closing(sqlite3.connect(systems.directory / "sandbox" / "campaign.sqlite")) as campaign:
            people = campaign.execute(
                "SELECT id, email, blackList FROM recipient WHERE email = lower(trim(email)) AND email <> ''"
            ).fetchall()
        opted_out = [(id_, email) for id_, email, black in people if black]
        willing = iter([(id_, email) for id_, email, black in people if not black])
        hundredth = rows // 100
        self.rows = [
            *(Row(email, Reason.ALREADY_MEMBER, id_) for id_, email in _take(willing, 5 * hundredth)),
            *self._refused(_take(willing, hundredth)),
            *(Row(email, Reason.OPTED_OUT, id_) for id_, email in opted_out[:hundredth]),
            *(Row(f"nobody-{number}@example.net", Reason.UNKNOWN_ID) for number in range(hundredth)),
            *(Row("", Reason.NO_ID) for _ in range(hundredth)),
            *(Row(f"no address {number}", Reason.INVALID_ID) for number in range(hundredth)),
        ]
        self.rows += [Row(row.value, Reason.SAME_ID) for row in self.rows[:hundredth]]
        self.rows += [Row(email, Reason.ADDED, id_) for id_, email in _take(willing, rows - len(self.rows))]

    @staticmethod
    def _refused(people: Sequence[tuple[int, str]]) -> Iterator[Row]:
        for number, (id_, email) in enumerate(people):
            yield Row(email, Reason.REFUSED_BY_DESTINATION, id_, REFUSALS[number % len(REFUSALS)][0])

    def of(self, *reasons: Reason) -> list[Row]:
        """The rows that must end so."""
        return [row for row in self.rows if row.reason in reasons]

    def members(self, *reasons: Reason) -> list[int]:
        """The recipients of these rows, as the list holds them."""
        return sorted(row.recipient for row in self.of(*reasons))


def _take(people: Iterator[tuple[int, str]], count: int) -> list[tuple[int, str]]:
    return [next(people) for _ in range(count)]


def switch(systems, **faults: object) -> None:
    request = urllib.request.Request(
        f"{systems.ready['admin']['url']}/sandbox/faults",
        json.dumps(faults).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()


def broken(systems) -> int:
    with urllib.request.urlopen(f"{systems.ready['admin']['url']}/sandbox/faults") as answer:
        return int(json.load(answer)["calls"][0]["broken"])


def write(gateway, name: str, rows: Sequence[Row]) -> str:
    text = HEADER + "".join(f"row,{row.value}\n" for row in rows)
    (gateway.state / "lists" / name).write_text(text, encoding="utf-8")
    return f"files/{name}"


def shared(gateway, file: str, name: str) -> dict[str, Any]:
    """Shares a file into a list, and answers the receipt."""
    transfer = gateway.start_share(file.replace("/", "/audiences/"), f"campaign/audiences/{name}", "email", "").name
    with grpc.insecure_channel(gateway.address) as channel:
        stub = TransferServiceStub(channel)
        *_, last = stub.WatchTransfer(WatchTransferRequest(name=transfer), timeout=540)
        assert last.transfer.state == TransferState.TRANSFER_STATE_SUCCEEDED, last.transfer.failure
        receipt: dict[str, Any] = json.loads(
            stub.GetReceipt(GetReceiptRequest(name=transfer), timeout=60).receipt.canonical_json
        )
    return receipt


def told(gateway, transfer: str) -> list[tuple[Reason, str]]:
    """What the gateway says of each row, in the order of the file."""
    found: dict[int, tuple[Reason, str]] = {}
    with grpc.insecure_channel(gateway.address) as channel:
        stub, token = TransferServiceStub(channel), ""
        while True:
            request = ListOutcomesRequest(parent=transfer, page_size=10_000, page_token=token)
            answer = stub.ListOutcomes(request, timeout=60)
            for row in answer.outcomes:
                assert row.row not in found
                assert Outcome.Name(row.outcome) == f"OUTCOME_{Reason(row.reason).outcome.name}"
                found[row.row] = (Reason(row.reason), row.detail)
            token = answer.next_page_token
            if not token:
                return [found[number] for number in range(1, len(found) + 1)]


def share_and_compare(gateway, rows: int, fault: dict[str, Any], name: str = "gold") -> None:
    systems = gateway.systems
    plan = Plan(systems, rows)
    shared(gateway, write(gateway, "before.csv", plan.of(Reason.ALREADY_MEMBER)), name)
    texts = dict(REFUSALS)
    records = {str(row.recipient): texts[row.code] for row in plan.of(Reason.REFUSED_BY_DESTINATION)}
    switch(systems, refuse_records=records, calls=[{"path": SOAP, "every": 20, **fault}])
    try:
        receipt = shared(gateway, write(gateway, "all.csv", plan.rows), name)
        assert broken(systems) > 5
    finally:
        switch(systems, refuse_records={}, calls=[])

    expected = Counter(row.reason.outcome.value for row in plan.rows)
    assert receipt["rows_read"] == rows
    assert receipt["outcomes"] == {outcome: expected[outcome] for outcome in receipt["outcomes"]}
    assert len(receipt["outcomes"]) == 7
    assert systems.members(name) == plan.members(Reason.ALREADY_MEMBER, Reason.ADDED)
    rows_told = told(gateway, receipt["transfer"])
    assert [reason for reason, _ in rows_told] == [row.reason for row in plan.rows]
    for row, (_, detail) in zip(plan.rows, rows_told, strict=True):
        assert detail.startswith(row.code)
        assert bool(detail) == bool(row.code)
        assert not row.recipient or str(row.recipient) not in detail
        assert not row.value or row.value not in detail


@pytest.fixture
def gateway_of_all(shared_gateway):
    if shared_gateway.process is None:
        shared_gateway.start()
    return shared_gateway


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
def test_every_row_is_accounted_for_whatever_fails(gateway_of_all, kind):
    share_and_compare(gateway_of_all, 2_500, FAULTS[kind], name=kind)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("own_gateway", [130_000], indirect=True)
def test_every_one_of_a_hundred_thousand_rows_is_accounted_for(own_gateway):
    share_and_compare(own_gateway, 100_000, FAULTS["fault"])
