"""A transfer that asks for it creates records for ids that none has, once, and accounts for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest
from audience_gateway.sdk import (
    ConfigError,
    DataSource,
    IndexBatch,
    Permanent,
    Reason,
    Refusal,
    Transient,
    WriteResult,
)
from audience_gateway.transfers.model import TransferMode, TransferState
from audience_gateway.transfers.service import OutcomeQuery
from erasing import Clock, erasing_of
from systems import Ids, Plain, Record, Records, Row, Systems, entries_of
from test_account import reasons
from test_attributes import Wanting, told
from test_erasures import erase
from test_removing import Replacing
from test_several_sources import Several
from test_suppressed import enter_in_passing, suppress

from conftest import request


class Naming(Plain):
    """A strategy whose ids may stand in a record."""

    def check_naming(self, source: DataSource) -> None:
        return


@dataclass
class Creator(Records):
    """Holds records, and creates them under numbers of its own."""

    created: list[str] = field(default_factory=list)
    refuses_ids: set[str] = field(default_factory=set)
    lose_reply: bool = False
    on_asked: Callable[[], None] = lambda: None

    def check_creation(self, source: DataSource) -> None:
        return

    async def find_records(self, source: DataSource, ids: pa.StringArray) -> IndexBatch:
        asked = set(ids.to_pylist())
        self.on_asked()
        return entries_of([record for record in self.index if record.id.lower() in asked])

    async def create_records(self, source: DataSource, ids: pa.StringArray) -> WriteResult:
        asked = ids.to_pylist()
        refused = tuple(Refusal(at, "E7", "no") for at, one in enumerate(asked) if one in self.refuses_ids)
        for one in asked:
            if one not in self.refuses_ids and one not in {record.id for record in self.index}:
                self.created.append(one)
                self.index.append(Record(one, f"new-{one}"))
        if self.lose_reply:
            self.lose_reply = False
            raise Transient("the reply was cut")
        return WriteResult(len(asked) - len(refused), refused)


def between(rows: list[Row], target: Creator, **changes: object) -> Systems:
    return Systems({"source": Ids(rows), "target": target}, strategy=Naming(), **changes)


ASKED = {"create_unknown_records": True}


def people(names: str) -> list[Row]:
    return [Row(name) for name in names]


async def test_rows_of_unknown_ids_get_records_and_become_members(gateway):
    target = Creator(index=[Record("a", "1")])
    async with gateway(between(people("abcb"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.RECORD_CREATED: 2, Reason.SAME_ID: 1}
    assert (target.created, target.held) == (["b", "c"], {"1", "new-b", "new-c"})


async def test_no_record_is_created_unless_that_is_asked_for(gateway):
    target = Creator()
    async with gateway(between(people("ab"), target)) as opened:
        receipt = await opened.receipt(await opened.share())
    assert (reasons(receipt), target.created) == ({Reason.UNKNOWN_ID: 2}, [])


async def test_the_next_share_finds_who_was_created_and_creates_nobody(gateway):
    target = Creator()
    async with gateway(between(people("ab"), target)) as opened:
        await opened.share(**ASKED)
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert (reasons(receipt), target.created) == ({Reason.ALREADY_MEMBER: 2}, ["a", "b"])


async def test_who_leaves_the_source_leaves_the_list_and_keeps_the_record(gateway):
    systems = between(people("ab"), target := Creator())
    async with gateway(systems) as opened:
        await opened.share(**ASKED)
        systems.systems["source"].rows = people("a")
        await opened.share(**ASKED)
    assert (target.held, [record.id for record in target.index]) == ({"new-a"}, ["a", "b"])


async def test_a_dry_run_tells_who_would_be_created_and_creates_nobody(gateway):
    target = Creator(index=[Record("a", "1")])
    async with gateway(between(people("ab"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED, dry_run=True))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.RECORD_CREATED: 1}
    assert (target.created, target.held) == ([], set())


async def test_nobody_is_created_who_opted_out_or_has_no_valid_id_or_leaves(gateway):
    rows = [Row("a", opted_out=True), Row("bad"), Row(None), Row("b", leaves=True), Row("c")]
    target = Creator()
    async with gateway(between(rows, target)) as opened:
        shared = await opened.share(**ASKED, mode=TransferMode.DELTA)
        receipt = await opened.receipt(shared)
    assert target.created == ["c"]
    assert reasons(receipt) == {
        Reason.OPTED_OUT: 1,
        Reason.INVALID_ID: 1,
        Reason.NO_ID: 1,
        Reason.UNKNOWN_ID: 1,
        Reason.RECORD_CREATED: 1,
    }


async def test_a_lost_reply_creates_nobody_twice_and_tells_the_same(gateway):
    target = Creator(lose_reply=True)
    async with gateway(between(people("ab"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert (reasons(receipt), target.created) == ({Reason.RECORD_CREATED: 2}, ["a", "b"])
    assert target.held == {"new-a", "new-b"}


async def test_a_record_that_the_destination_refuses_is_rejected_in_its_words(gateway):
    target = Creator(refuses_ids={"b"})
    async with gateway(between(people("abc"), target)) as opened:
        transfer = await opened.share(**ASKED)
        [row] = await opened.transfers.outcomes(
            OutcomeQuery(transfer=transfer.id, reason=Reason.REFUSED_BY_DESTINATION)
        )
        receipt = await opened.receipt(transfer)
    assert (row.row, row.detail) == (2, "E7 no")
    assert reasons(receipt) == {Reason.RECORD_CREATED: 2, Reason.REFUSED_BY_DESTINATION: 1}


async def test_a_created_record_that_the_list_refuses_is_rejected(gateway):
    target = Creator(refuses={"new-b"})
    async with gateway(between(people("ab"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert reasons(receipt) == {Reason.RECORD_CREATED: 1, Reason.REFUSED_BY_DESTINATION: 1}


async def test_undoing_takes_them_off_the_list_and_leaves_the_records(gateway):
    target = Creator(held={"9"})
    async with gateway(between(people("ab"), target)) as opened:
        shared = await opened.share(**ASKED)
        undone = await opened.ended(await opened.transfers.undo(shared.id))
        receipt = await opened.receipt(undone)
    assert (target.held, [record.id for record in target.index]) == ({"9"}, ["a", "b"])
    assert receipt.removals.removed == 2


async def test_nobody_is_created_who_is_suppressed(gateway, tmp_path: Path):
    await suppress(tmp_path, "a")
    target = Creator()
    async with gateway(between(people("ab"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert (reasons(receipt), target.created) == ({Reason.SUPPRESSED_ID: 1, Reason.RECORD_CREATED: 1}, ["b"])


async def test_nobody_is_created_who_is_suppressed_after_the_index_was_read(gateway, tmp_path: Path):
    target = Creator(on_asked=lambda: enter_in_passing(tmp_path, "b"))
    async with gateway(between(people("abc"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert reasons(receipt) == {Reason.SUPPRESSED_ID: 1, Reason.RECORD_CREATED: 2}
    assert target.created == ["a", "c"]


async def test_who_has_got_a_record_meanwhile_is_left_to_the_next_share(gateway):
    target = Creator()

    def appear() -> None:
        if not target.index:
            target.index += [Record("a", "elsewhere"), Record("b", "unwilling", opted_out=True)]

    target.on_asked = appear
    async with gateway(between(people("abc"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
        after = await opened.receipt(await opened.share(**ASKED))
    assert reasons(receipt) == {Reason.UNKNOWN_ID: 1, Reason.OPTED_OUT: 1, Reason.RECORD_CREATED: 1}
    assert reasons(after) == {Reason.ADDED: 1, Reason.OPTED_OUT: 1, Reason.ALREADY_MEMBER: 1}
    assert target.created == ["c"]


async def test_nobody_is_created_while_a_guard_holds_the_transfer_back(gateway):
    systems = between(people("abcde"), target := Creator(index=[Record(name, name) for name in "abcde"]))
    async with gateway(systems) as opened:
        await opened.share(**ASKED)
        systems.systems["source"].rows = people("az")
        held = await opened.share(**ASKED)
        assert (held.state, target.created) == (TransferState.WITHHELD, [])
        preview = {reason: rows for count in held.outcomes for reason, rows in count.reasons.items()}
        assert preview == {Reason.ALREADY_MEMBER: 1, Reason.TOO_MANY_REMOVALS: 1}
        receipt = await opened.receipt(await opened.ended(await opened.transfers.release(held.id, "they are right")))
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.RECORD_CREATED: 1}
    assert (target.created, target.held) == (["z"], {"a", "new-z"})


async def test_records_that_no_answer_shows_afterwards_are_in_doubt(gateway):
    class Slow(Creator):
        async def find_records(self, source: DataSource, ids: pa.StringArray) -> IndexBatch:
            return entries_of([])

    async with gateway(between(people("a"), Slow())) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert reasons(receipt) == {Reason.IN_DOUBT: 1}


async def test_members_that_were_created_leave_when_their_ids_are_erased(gateway, tmp_path: Path):
    systems = between(people("ab"), target := Creator())
    async with gateway(systems) as opened:
        await opened.share(**ASKED)
        eraser = erasing_of(opened.transfers, tmp_path, systems, Clock())
        await erase(opened, eraser, "b")
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert (target.held, target.created) == ({"new-a"}, ["a", "b"])
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.ERASED_ID: 1}


@dataclass
class Gated(Creator):
    """Answers who has an id when it is opened."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def find_records(self, source: DataSource, ids: pa.StringArray) -> IndexBatch:
        self.asked.set()
        await self.opened.wait()
        return await super().find_records(source, ids)


async def test_a_transfer_that_was_cancelled_ends_behind_a_chunk_and_the_next_one_finds_who_was_created(gateway):
    target = Gated()
    async with gateway(between(people("abcde"), target)) as opened:
        going_on = await opened.transfers.start(request(**ASKED))
        await target.asked.wait()
        await opened.transfers.cancel(going_on.id)
        target.opened.set()
        receipt = await opened.receipt(await opened.ended(going_on))
        assert (reasons(receipt), target.created) == ({Reason.CANCELLED: 5}, ["a", "b", "c"])
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert reasons(receipt) == {Reason.ADDED: 3, Reason.RECORD_CREATED: 2}


class Hashing(Naming):
    def check_naming(self, source: DataSource) -> None:
        raise ConfigError("its ids are hashed")


class Reluctant(Creator):
    def check_creation(self, source: DataSource) -> None:
        raise ConfigError("ids are in tracking logs")


@pytest.mark.parametrize(
    ("target", "strategy", "changes", "finding"),
    [
        (Records(), Naming(), {}, "does not create records"),
        (Ids(), Naming(), {}, "takes ids as they are"),
        (Creator(), Plain(), {}, "do not make a record of a person"),
        (Creator(), Hashing(), {}, "its ids are hashed"),
        (Reluctant(), Naming(), {}, "ids are in tracking logs"),
        (Creator(), Naming(), {"mode": TransferMode.REMOVE_ONLY}, "adds nobody"),
    ],
)
async def test_what_cannot_be_created_ends_a_transfer_while_it_is_planned(gateway, target, strategy, changes, finding):
    async with gateway(Systems({"source": Ids(people("a")), "target": target}, strategy=strategy)) as opened:
        transfer = await opened.share(**ASKED, **changes)
    assert (transfer.state, transfer.failure.reason) == (TransferState.FAILED, "CONFIG")
    assert finding in transfer.failure.message
    assert target.held == set()


async def test_a_retry_creates_whom_the_transfer_did_not_come_to(gateway):
    target = Creator()

    def stumble(call: str) -> None:
        if call == "write":
            raise Permanent("out of order")

    target.fail = stumble
    async with gateway(between(people("ab"), target)) as opened:
        failed = await opened.share(**ASKED)
        assert reasons(await opened.receipt(failed)) == {Reason.NOT_SENT: 2}
        target.fail, target.index = lambda call: None, target.index[:1]  # somebody has deleted the other one meanwhile
        receipt = await opened.receipt(await opened.ended(await opened.transfers.retry(failed.id)))
    assert (reasons(receipt), target.held) == ({Reason.ADDED: 1, Reason.RECORD_CREATED: 1}, {"new-a", "new-b"})


async def test_a_replacement_has_those_who_were_created(gateway):
    class Whole(Creator):
        """Takes all members at once."""

        calls = 0
        replace_members = Replacing.replace_members

    target = Whole(index=[Record("a", "1")])
    async with gateway(between(people("ab"), target)) as opened:
        receipt = await opened.receipt(await opened.share(**ASKED))
    assert (reasons(receipt), set(target.held)) == ({Reason.ADDED: 1, Reason.RECORD_CREATED: 1}, {"1", "new-b"})


async def test_who_is_created_arrives_with_the_attributes_of_the_row(gateway):
    @dataclass
    class Attributed(Creator, Wanting):
        """Wants attributes."""

    systems = {"source": told(a="1", b="2"), "target": (target := Attributed(index=[Record("a", "1")]))}
    async with gateway(Systems(systems, strategy=Naming())) as opened:
        await opened.share(**ASKED)
        again = await opened.receipt(await opened.share(**ASKED))
    assert target.known == {"1": {"tier": "1", "city": "Rome"}, "new-b": {"tier": "2", "city": "Rome"}}
    assert reasons(again) == {Reason.ALREADY_MEMBER: 2}


async def test_records_are_created_by_ids_of_one_data_source(gateway):
    systems = Systems({"source": Several([Row("a", further=("b",))]), "target": Creator()}, strategy=Naming())
    async with gateway(systems) as opened:
        transfer = await opened.share(**ASKED, further_data_sources=("other",))
    assert "ids of one data source" in transfer.failure.message
