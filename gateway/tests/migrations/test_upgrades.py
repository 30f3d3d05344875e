from datetime import UTC, datetime, timedelta

import first_release
import sqlalchemy as sa
from audience_gateway.sdk import ArrivalStage, Outcome, Reason
from audience_gateway.storage.migrate import migrate
from audience_gateway.storage.schema import TRANSFERS
from audience_gateway.transfers.arrival_ledger import ArrivalLedger
from audience_gateway.transfers.arriving import begun
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import (
    AudienceRef,
    Failure,
    GuardLimits,
    OutcomeCount,
    Stage,
    StageProgress,
    TransferState,
)
from audience_gateway.transfers.receipt import SignedText
from audience_gateway.transfers.snapshot_ledger import SnapshotLedger


def test_the_ledger_reads_a_transfer_of_the_first_release(engine: sa.Engine) -> None:
    first_release.fill(engine)

    migrate(engine)

    transfer = Ledger(engine).transfer("done")
    assert transfer is not None
    assert transfer.state is TransferState.SUCCEEDED
    assert transfer.request.source == AudienceRef("people", "gold")
    assert transfer.request.destination == AudienceRef("campaign", "gold-list")
    assert transfer.request.guard == GuardLimits(1000, 0.2)
    assert transfer.progress == (StageProgress(Stage.EXTRACT, 5, 5),)
    assert transfer.outcomes == (OutcomeCount(Outcome.DELIVERED, 5, {Reason.ADDED: 5}),)
    assert transfer.ended == datetime(2026, 11, 2, 8, 30, 0, 250_000, tzinfo=UTC)


def test_the_ledger_reads_a_failure_of_the_first_release(engine: sa.Engine) -> None:
    first_release.fill(engine)

    migrate(engine)

    transfer = Ledger(engine).transfer("failed")
    assert transfer is not None
    assert transfer.failure == Failure("AUTH", "the token was refused", "Renew it.")


def test_a_transfer_that_the_first_release_left_under_way_goes_on(engine: sa.Engine) -> None:
    first_release.fill(engine)

    migrate(engine)

    ledger = Ledger(engine)
    assert [transfer.id for transfer in ledger.unfinished()] == ["running"]
    assert ledger.begin_stage("running", Stage.NORMALISE)


def test_a_snapshot_of_the_first_release_keeps_its_version(engine: sa.Engine) -> None:
    first_release.fill(engine)

    migrate(engine)

    assert SnapshotLedger(engine).current("connections/campaign/audiences/gold-list") == (3, 5, "done")


def test_transfers_of_the_first_release_are_found_by_their_destination(engine: sa.Engine) -> None:
    first_release.fill(engine)

    migrate(engine)

    same = TRANSFERS.c.destination == "connections/campaign/audiences/gold-list"
    with engine.connect() as connection:
        assert set(connection.execute(sa.select(TRANSFERS.c.id).where(same)).scalars()) == {"done", "failed", "running"}


def test_transfers_that_ended_before_deliveries_were_followed_have_no_arrivals(engine: sa.Engine) -> None:
    first_release.fill(engine)

    migrate(engine)

    assert [transfer.arrivals for transfer in Ledger(engine).transfers(after="", limit=10)] == [()] * 3
    assert ArrivalLedger(engine).connections(datetime.now(UTC)) == []


def test_a_transfer_that_the_first_release_left_under_way_is_followed(engine: sa.Engine) -> None:
    first_release.fill(engine)
    ladder = [ArrivalStage(name="visible", meaning="Members can be used.", within=timedelta(hours=48))]
    delivered = datetime.now(UTC)

    migrate(engine)

    arriving = begun("running", "campaign", ladder, delivered)
    Ledger(engine).end("running", TransferState.SUCCEEDED, (), SignedText("{}", None), arriving=arriving)
    assert ArrivalLedger(engine).connections(delivered) == ["campaign"]


def test_more_transfers_than_are_filled_in_at_a_time_are_all_filled_in(engine: sa.Engine) -> None:
    first_release.fill(engine)
    with engine.begin() as connection:
        row = dict(connection.execute(sa.select(first_release.TRANSFERS)).mappings().first() or {})
        del row["sequence"]
        connection.execute(first_release.TRANSFERS.insert(), [row | {"id": f"t{number}"} for number in range(2100)])

    migrate(engine)

    with engine.connect() as connection:
        empty = sa.select(sa.func.count()).where(TRANSFERS.c.destination == "")
        assert connection.execute(empty).scalar() == 0


def test_a_transfer_that_had_ended_because_a_guard_held_it_back_has_lapsed(engine: sa.Engine) -> None:
    first_release.fill(engine)
    with engine.begin() as connection:
        done = first_release.TRANSFERS.c.id == "done"
        connection.execute(first_release.TRANSFERS.update().where(done).values(state="withheld"))

    migrate(engine)

    transfer = Ledger(engine).transfer("done")
    assert transfer is not None
    assert (transfer.state, transfer.holds) == (TransferState.LAPSED, ())
