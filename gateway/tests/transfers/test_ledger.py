"""What the steps of a transfer note in the ledger; on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import Failure, Stage, TransferState

from conftest import request


@pytest.fixture
def ledger(database):
    ledger = Ledger(database)
    for transfer in ("t-1", "t-2"):
        assert ledger.accept(transfer, request())
    return ledger


def test_the_first_stage_that_begins_sets_a_transfer_going(ledger):
    assert ledger.begin_stage("t-1", Stage.PLAN)
    assert ledger.begin_stage("t-1", Stage.EXTRACT)

    begun, other = ledger.transfer("t-1"), ledger.transfer("t-2")
    assert (begun.state, begun.stage) == (TransferState.RUNNING, Stage.EXTRACT)
    assert (other.state, other.stage) == (TransferState.PENDING, None)


def test_of_a_transfer_that_has_ended_no_stage_begins(ledger):
    ledger.fail("t-1", Failure("CONFIG", "it is no good", "Mend it."))

    assert not ledger.begin_stage("t-1", Stage.PLAN)
    assert ledger.transfer("t-1").state is TransferState.FAILED


def test_a_stage_began_when_its_transfer_was_last_touched_and_tells_its_rows(ledger):
    ledger.begin_stage("t-1", Stage.EXTRACT)
    touched = ledger.transfer("t-1").updated
    ledger.progress("t-1", Stage.EXTRACT, 3, None)
    ledger.progress("t-1", Stage.EXTRACT, 7, 9)

    [stage] = ledger.transfer("t-1").progress
    assert (stage.stage, stage.rows_done, stage.rows_total, stage.began) == (Stage.EXTRACT, 7, 9, touched)
    assert touched <= stage.updated == ledger.transfer("t-1").updated
    assert ledger.transfer("t-2").progress == ()


def test_each_stage_has_rows_of_its_own(ledger):
    ledger.progress("t-1", Stage.EXTRACT, 3, 3)
    ledger.progress("t-1", Stage.DELIVER, 1, 2)
    ledger.progress("t-2", Stage.DELIVER, 2, 2)

    found = {one.stage: one.rows_done for one in ledger.transfer("t-1").progress}
    assert found == {Stage.EXTRACT: 3, Stage.DELIVER: 1}


def test_only_the_transfer_that_is_to_be_cancelled_is(ledger):
    ledger.request_cancel("t-1")

    assert ledger.cancel_requested("t-1")
    assert not ledger.cancel_requested("t-2")
    assert not ledger.cancel_requested("of-nobody")
