"""Which deliveries are to be asked about, and by whom; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import Arrival
from audience_gateway.transfers.arrival_ledger import ArrivalLedger
from audience_gateway.transfers.arriving import begun
from audience_gateway.transfers.chunk_ledger import ChunkLedger, ChunkState
from audience_gateway.transfers.history import History
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import AudienceRef, Failure, TransferState
from audience_gateway.transfers.receipt import SignedText
from slow import HOUR, LADDER

from conftest import request

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def ledger(database):
    return ArrivalLedger(database)


@pytest.fixture
def deliver(database):
    """Ends a transfer that delivered at some hour."""

    def end(transfer, hour=0, connection="target"):
        ledger = Ledger(database)
        ledger.accept(transfer, request(destination=AudienceRef(connection, "list")))
        arriving = begun(transfer, connection, LADDER, NOON + hour * HOUR)
        ledger.end(transfer, TransferState.SUCCEEDED, (), SignedText("{}", None), arriving=arriving)

    return end


def claimed(ledger, hour=0, connection="target"):
    now = NOON + hour * HOUR
    look = ledger.claim(connection, now, now + HOUR)
    return look.arriving if look else None


def test_the_delivery_that_waits_longest_comes_first(ledger, deliver):
    deliver("t-1", hour=1)
    deliver("t-2", hour=0)
    assert [claimed(ledger, 1).transfer for _ in range(2)] == ["t-2", "t-1"]


def test_a_delivery_is_claimed_by_one_until_the_claim_is_over(ledger, deliver):
    deliver("t-1")
    assert claimed(ledger, 0).transfer == "t-1"
    assert claimed(ledger, 0.9) is None
    assert claimed(ledger, 1.1).transfer == "t-1"


def test_of_two_that_see_the_same_delivery_one_claims_it(ledger, deliver, monkeypatch):
    deliver("t-1")
    change = ledger._change

    def overtaken(*arguments, **values):
        monkeypatch.setattr(ledger, "_change", change)
        assert claimed(ledger).transfer == "t-1"
        return change(*arguments, **values)

    monkeypatch.setattr(ledger, "_change", overtaken)
    assert claimed(ledger) is None


def test_what_was_found_out_is_kept(ledger, deliver, database):
    deliver("t-1")
    known = (
        Arrival(stage="ingested", reached=NOON + HOUR, counts={"stored_records": 2}, message="stored"),
        Arrival(stage="visible", due=NOON + 9 * HOUR),
    )
    finding = Failure("TRANSIENT", "it is away", "Wait.")
    noted = replace(claimed(ledger), known=known, finding=finding, looked=NOON + HOUR, next_look=NOON + 2 * HOUR)
    assert ledger.note(noted)
    again = claimed(ledger, 2)
    assert again == replace(noted, looks=2, next_look=NOON + 3 * HOUR)
    assert Ledger(database).transfer("t-1").arrivals == again.view(datetime.now(UTC))


def test_an_answer_that_comes_after_the_next_claim_is_dropped(ledger, deliver):
    deliver("t-1")
    late = claimed(ledger, 0)
    claimed(ledger, 2)
    assert not ledger.note(replace(late, next_look=None))
    assert claimed(ledger, 9) is not None


def test_what_is_settled_is_not_asked_about(ledger, deliver):
    deliver("t-1")
    assert ledger.note(replace(claimed(ledger), next_look=None))
    assert ledger.connections(NOON + 500 * HOUR) == []
    assert claimed(ledger, 500) is None


def test_connections_are_named_that_have_something_to_be_asked_about(ledger, deliver):
    deliver("t-1", connection="near")
    deliver("t-2", connection="near")
    deliver("t-3", hour=5, connection="far")
    assert ledger.connections(NOON) == ["near"]


def test_a_delivery_goes_with_its_transfer(ledger, deliver, database):
    deliver("t-1")
    History(database).forget(["t-1"])
    assert ledger.connections(NOON) == []


def test_a_transfer_that_has_ended_gets_no_delivery(ledger, deliver, database):
    Ledger(database).accept("t-1", request())
    Ledger(database).end("t-1", TransferState.FAILED, (), SignedText("{}", None))
    deliver("t-1")
    assert ledger.connections(NOON) == []


def test_writes_are_those_of_which_something_may_be_there(ledger, deliver, database):
    deliver("t-1")
    chunks = ChunkLedger(database, "t-1")
    for number, (state, refused) in enumerate(
        [(ChunkState.SENT, 1), (ChunkState.SENDING, 0), (ChunkState.CLAIMED, 0), (ChunkState.SENT, 3)]
    ):
        chunks.enter("add", number, rows=3, content_hash="0", state=ChunkState.CLAIMED)
        chunks.move("add", number, state, refused=refused)
    chunks.enter("extract", 0, rows=3, content_hash="0", state=ChunkState.KEPT)
    look = ledger.claim("target", NOON, NOON + HOUR)
    assert [(write.key, write.members, write.in_doubt) for write in look.writes] == [
        ("t-1/add-00000", 2, False),
        ("t-1/add-00001", 3, True),
    ]
