"""Erased ids leave wherever they were received, come back by no way, and are in no file of the gateway."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from audience_gateway.cli.receipt_check import check
from audience_gateway.erasures.model import TargetState
from audience_gateway.sdk import ConfigError, Reason, Transient
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.suppression.model import SuppressionKind
from audience_gateway.suppression.suppressing import Suppressing
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.model import AudienceRef, Failure, GuardLimits, StreamRef, TransferMode, TransferState
from audience_gateway.transfers.service import OutcomeQuery
from audience_gateway.transfers.undo import NotUndoable
from erasing import Clock, erasing_of, looked_after, people
from systems import Ids, Record, Records, Row, Systems
from test_account import reasons
from test_removing import Replacing

ANY = GuardLimits(removed_rows=1000, removed_share=1.0)


def rows(names: str) -> list[Row]:
    return [Row(name) for name in names]


def targets(kind: str) -> Ids:
    index = [Record(name, name) for name in "abcdefgh"]
    return {"ids": Ids(), "records": Records(index=index), "replacing": Replacing()}[kind]


@pytest.fixture
def erasing(gateway, tmp_path):
    """Opens a gateway over systems; answers it, and what erases in it."""

    @asynccontextmanager
    async def opened(systems: Systems, clock: Clock | None = None):
        async with gateway(systems) as inner:
            yield inner, erasing_of(inner.transfers, tmp_path, systems, clock or Clock())

    return opened


async def erase(opened, erasing, names: str):
    asked = await erasing.erase(people(names))
    return await looked_after(erasing, asked.erasure.id, opened.transfers)


def states(erasure) -> dict[str, TargetState]:
    return {str(target.place.destination or "gateway"): target.state for target in erasure.targets}


def texts(state: Path) -> str:
    """All that Parquet files hold as texts."""
    found = []
    for path in state.rglob("*.parquet"):
        table = duckdb.sql(f"FROM read_parquet('{path}')").to_arrow_table()
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name in {"id", "target", "value"}:
                found += [str(cell) for cell in column.to_pylist()]
    return " ".join(found)


@pytest.mark.parametrize("kind", ["ids", "records", "replacing"])
async def test_erased_ids_leave_every_audience_that_received_them(erasing, kind):
    target, other = targets(kind), Ids(held={"x"})
    systems = Systems({"source": Ids(rows("abc")), "target": target, "other": other})
    async with erasing(systems) as (opened, eraser):
        await opened.share()
        await opened.share(destination=AudienceRef("other", "list"))
        erasure = await erase(opened, eraser, "bz")
    assert (set(target.held), other.held) == ({"a", "c"}, {"a", "c", "x"})
    assert states(erasure) == {
        "gateway": TargetState.DONE,
        "connections/other/audiences/list": TargetState.DONE,
        "connections/target/audiences/list": TargetState.DONE,
    }


async def test_each_place_has_a_signed_receipt_that_adds_up_and_holds_no_id(erasing):
    systems = Systems({"source": Ids([Row("canary"), Row("bird")]), "target": Ids()})
    async with erasing(systems) as (opened, eraser):
        await opened.share()
        asked = await eraser.erase(type(people(""))(ids=["canary", "unheard-of"], data_sources=["plain"]))
        erasure = await looked_after(eraser, asked.erasure.id, opened.transfers)
        key = opened.transfers.receipt_key()
    for target in erasure.targets:
        text, signature = target.receipt.text, target.receipt.signature
        assert key.verifies(signature.value, text.encode())
        assert check(text.encode()) == []
        assert "canary" not in text
    own, there = (json.loads(target.receipt.text) for target in erasure.targets)
    assert (own["target"], own["state"], own["ids"]) == ("gateway", "done", 2)
    assert there["reasons"]["delivered"] == {"removed": 1}
    assert there["reasons"]["unmatched"] == {"unknown_id": 1}


@pytest.mark.parametrize("kind", ["ids", "records", "replacing"])
async def test_no_file_of_the_gateway_holds_them_afterwards(erasing, tmp_path, kind):
    names = ["canary", "bird", "nest"]
    target = targets(kind)
    if isinstance(target, Records):
        target.index = [Record(name, f"record of {name}") for name in names]
    source = Ids([Row(name) for name in names])
    async with erasing(Systems({"source": source, "target": target})) as (opened, eraser):
        first = await opened.share()
        source.rows = [Row("canary")]
        await opened.share(guard=ANY)
        assert "canary" in texts(tmp_path)
        asked = await eraser.erase(type(people(""))(ids=["canary"], data_sources=["plain"]))
        erasure = await looked_after(eraser, asked.erasure.id, opened.transfers)
        with pytest.raises(NotUndoable):
            await opened.transfers.undo(first.id)
    assert erasure.ended
    assert "canary" not in texts(tmp_path)
    assert "bird" in texts(tmp_path)


async def test_rows_of_erased_ids_are_still_accounted_for(erasing, tmp_path):
    target = Ids(refuses={"b"})
    async with erasing(Systems({"source": Ids(rows("abc")), "target": target})) as (opened, eraser):
        transfer = await opened.share()
        await erase(opened, eraser, "b")
        target.refuses = set()
        retried = await opened.receipt(await opened.ended(await opened.transfers.retry(transfer.id)))
    assert target.held == {"a", "c"}
    assert reasons(retried) == {Reason.ERASED_ID: 1}


async def test_erased_ids_are_not_shared_again(erasing):
    target = Ids()
    async with erasing(Systems({"source": Ids(rows("abc")), "target": target})) as (opened, eraser):
        await opened.share()
        await erase(opened, eraser, "b")
        receipt = await opened.receipt(await opened.share(mode=TransferMode.ADD_ONLY))
    assert target.held == {"a", "c"}
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 2, Reason.ERASED_ID: 1}


async def test_a_later_transfer_that_reads_them_again_keeps_nothing_of_them(erasing, tmp_path):
    source = Ids([Row("canary"), Row("bird")])
    async with erasing(Systems({"source": source, "target": Ids()})) as (opened, eraser):
        await opened.share()
        await eraser.erase(type(people(""))(ids=["canary"], data_sources=["plain"]))
        transfer = await opened.share()
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id))
    extracted = texts(tmp_path / "transfers" / transfer.id / "extract")
    assert ("canary" in extracted, "bird" in extracted) == (False, True)
    assert [row.reason for row in rows] == [Reason.ERASED_ID, Reason.ALREADY_MEMBER]


async def test_other_ids_of_a_record_lead_to_it_as_well(erasing):
    target = Records(index=[Record("a", "1"), Record("b", "1"), Record("c", "2")])
    async with erasing(Systems({"source": Ids(rows("ac")), "target": target})) as (opened, eraser):
        await opened.share()
        await erase(opened, eraser, "b")
    assert target.held == {"2"}


async def test_a_record_that_has_lost_the_id_since_is_found_by_what_was_received(erasing):
    target = Records(index=[Record("a", "1"), Record("c", "2")])
    async with erasing(Systems({"source": Ids(rows("ac")), "target": target})) as (opened, eraser):
        await opened.share()
        del target.index[0]
        await erase(opened, eraser, "a")
    assert target.held == {"2"}


async def test_a_connection_that_is_down_is_tried_again_until_it_is_up(erasing):
    def down(call: str) -> None:
        if call == "remove":
            raise Transient("it is down")

    target, clock = Ids(), Clock()
    async with erasing(Systems({"source": Ids(rows("abc")), "target": target}), clock) as (opened, eraser):
        await opened.share()
        target.fail = down
        waiting = await erase(opened, eraser, "b")
        held, target.fail = set(target.held), lambda call: None
        early = await looked_after(eraser, waiting.id, opened.transfers)
        clock.ahead = timedelta(hours=2)
        erasure = await looked_after(eraser, waiting.id, opened.transfers)
    pending = {"gateway": TargetState.PENDING, "connections/target/audiences/list": TargetState.PENDING}
    assert (held, states(waiting), states(early)) == ({"a", "b", "c"}, pending, pending)
    assert waiting.targets[1].failure.reason == "TRANSIENT"
    assert erasure.ended
    assert erasure.targets[1].attempts == 2
    assert target.held == {"a", "c"}


async def test_a_place_that_cannot_be_reached_for_too_long_is_given_up_with_a_receipt(erasing):
    target, clock = Ids(), Clock()
    systems = Systems({"source": Ids(rows("ab")), "target": target})
    async with erasing(systems, clock) as (opened, eraser):
        await opened.share()
        del systems.systems["target"]
        waiting = await erase(opened, eraser, "b")
        clock.ahead = timedelta(days=4)
        erasure = await looked_after(eraser, waiting.id, opened.transfers)
    assert states(erasure) == {"gateway": TargetState.DONE, "connections/target/audiences/list": TargetState.FAILED}
    assert json.loads(erasure.targets[1].receipt.text)["state"] == "failed"


async def test_a_connector_that_cannot_remove_says_so_with_a_remedy(erasing, tmp_path):
    class OnlyAdding:
        def __init__(self) -> None:
            self._ids = Ids()
            for name in ("open", "check", "close", "write_promise", "write_members"):
                setattr(self, name, getattr(self._ids, name))

    async with erasing(Systems({"source": Ids(rows("ab")), "target": OnlyAdding()})) as (opened, eraser):
        await opened.share(mode=TransferMode.ADD_ONLY)
        erasure = await erase(opened, eraser, "b")
    assert states(erasure)["connections/target/audiences/list"] is TargetState.NOT_SUPPORTED
    assert erasure.targets[1].failure.remedy


async def test_a_transfer_under_way_adds_nobody_who_was_erased_and_what_it_sent_before_is_removed(erasing):
    target = Ids()
    asked, erased = [], []

    async with erasing(Systems({"source": Ids(rows("abcdef")), "target": target})) as (opened, eraser):
        write = target.write_members

        async def erase_in_passing(request):
            result = await write(request)
            sent = request.batch.targets.to_pylist()
            if not asked:
                erased.extend([sent[0], *sorted(set("abcdef") - set(sent))[:1]])
                asked.append(None)
                asked[0] = await eraser.erase(people("".join(erased)))
            return result

        target.write_members = erase_in_passing
        transfer = await opened.share()
        receipt = await opened.receipt(transfer)
        erasure = await looked_after(eraser, asked[0].erasure.id, opened.transfers)
    assert transfer.state is TransferState.SUCCEEDED
    assert reasons(receipt) == {Reason.ADDED: 5, Reason.ERASED_ID: 1}
    assert erasure.ended
    assert target.held == set("abcdef") - set(erased)


async def test_who_was_killed_in_the_middle_goes_on_and_nothing_is_done_twice(erasing):
    target, clock = Ids(), Clock()
    source = Ids(rows("abc"))
    systems = Systems({"source": source, "target": target})
    async with erasing(systems, clock) as (opened, eraser):
        await opened.share()
        asked = await eraser.erase(people("b"), request_id="once")
    # Another process, whose engine does not know of the transfer that the first one had begun.
    async with erasing(systems, clock) as (opened, eraser):
        again = await eraser.erase(people("b"), request_id="once")
        clock.ahead = timedelta(hours=1)
        erasure = await looked_after(eraser, asked.erasure.id, opened.transfers)
    assert again.erasure.id == asked.erasure.id
    assert erasure.ended
    assert target.held == {"a", "c"}
    assert [one.attempts for one in erasure.targets] == [1, 1]


async def test_a_claim_lasts_while_it_is_renewed_and_ends_with_what_is_noted(erasing):
    minute = timedelta(minutes=1)
    async with erasing(Systems({"source": Ids(rows("ab")), "target": Ids()})) as (opened, eraser):
        await opened.share()
        await eraser.erase(people("b"))
        ledger, now = eraser.ledger, eraser.now()
        first, second = ledger.claim(now, now + minute), ledger.claim(now, now + minute)
        ledger.renew([first], now + 9 * minute)
        taken_over = ledger.claim(now + 5 * minute, now + 9 * minute)
        assert (taken_over.number, ledger.claim(now + 5 * minute, now + 9 * minute)) == (second.number, None)
        assert ledger.note(replace(first, next_look=now))
        ledger.renew([first], now + 9 * minute)
        assert ledger.claim(now, now + minute).number == first.number


async def test_an_erasure_is_not_retried_or_undone_as_a_transfer(erasing):
    async with erasing(Systems({"source": Ids(rows("ab")), "target": Ids()})) as (opened, eraser):
        await opened.share()
        erasure = await erase(opened, eraser, "b")
        with pytest.raises(ConfigError):
            await opened.transfers.retry(erasure.targets[1].transfer)
        with pytest.raises(NotUndoable):
            await opened.transfers.undo(erasure.targets[1].transfer)


async def test_ids_that_are_none_begin_no_erasure(erasing):
    async with erasing(Systems({"source": Ids(), "target": Ids()})) as (_, eraser):
        asked = await eraser.erase(type(people(""))(ids=["bad"], data_sources=["plain"]))
    assert asked.erasure is None
    assert [one.reason for one in asked.refused] == [Reason.INVALID_ID]


async def test_an_id_that_nobody_received_is_in_no_place_but_the_gateway(erasing):
    async with erasing(Systems({"source": Ids(rows("ab")), "target": Ids()})) as (opened, eraser):
        await opened.share()
        erasure = await erase(opened, eraser, "z")
    assert states(erasure) == {"gateway": TargetState.DONE}


async def test_a_person_who_comes_back_is_shared_again_once_the_erasure_is_lifted(erasing, tmp_path):
    target = Ids()
    systems = Systems({"source": Ids(rows("ab")), "target": target})
    async with erasing(systems) as (opened, eraser):
        await opened.share()
        await erase(opened, eraser, "b")
        lifting = Suppressing(SuppressionList(tmp_path / "suppressions"), systems, tmp_path / "scratch", QueryLimits())
        await lifting.unsuppress(people("b"), (), SuppressionKind.ERASED)
        await opened.share()
    assert target.held == {"a", "b"}


async def test_what_was_received_is_noted_with_its_place(erasing, tmp_path):
    async with erasing(Systems({"source": Ids(rows("ab")), "target": Ids()})) as (opened, _):
        await opened.share()
    [path] = tmp_path.glob("received/*/*.parquet")
    assert pq.read_metadata(path).num_rows == 2


async def test_a_stream_is_dropped_once_its_transfer_has_ended_and_not_before(erasing, tmp_path):
    async with erasing(Systems({"source": Ids(rows("ab")), "target": Ids()})) as (opened, eraser):
        await opened.share()
        found = await opened.transfers.list(limit=1)
        streamed = replace(found[0].request, source=StreamRef("ended"))
        ledger = eraser.attempts.ledger
        ledger.accept("ended", streamed)
        ledger.fail("ended", Failure("PERMANENT", "it failed"))
        (tmp_path / "transfers" / "ended").mkdir()
        asked = await eraser.erase(people("a"))
        ledger.accept("later", replace(streamed, source=StreamRef("later")))
        erasure = await looked_after(eraser, asked.erasure.id, opened.transfers)
    assert erasure.ended
    assert eraser.clearing.streams.forgotten.count("ended")
    assert "later" not in eraser.clearing.streams.forgotten
