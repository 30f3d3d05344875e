"""Ids in the suppression list are not shared, whenever they were entered, and each row says so."""

from __future__ import annotations

import json
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from audience_gateway.sdk import ConfigError, Outcome, Reason, Transient, WritePromise
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.suppression.merging import Merging
from audience_gateway.suppression.model import IdsOfPeople, SuppressionKind
from audience_gateway.suppression.suppressing import Suppressing
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.model import GuardLimits, RemovalCount, TransferMode
from audience_gateway.transfers.service import OutcomeQuery
from systems import Ids, Record, Records, Row, Systems
from test_account import counts, reasons
from test_lost_replies import Forgetful
from test_removing import Replacing

ANY = GuardLimits(removed_rows=1000, removed_share=1.0)


def rows(names: str) -> list[Row]:
    return [Row(name) for name in names]


def suppressing(state: Path, systems: Systems) -> Suppressing:
    return Suppressing(SuppressionList(state / "suppressions"), systems, state / "scratch", QueryLimits())


async def suppress(state: Path, names: str, *purposes: str, source: str = "plain") -> None:
    await suppressing(state, Systems({})).suppress(IdsOfPeople(ids=list(names), data_sources=[source]), purposes)


async def unsuppress(state: Path, names: str, *purposes: str) -> int:
    people = IdsOfPeople(ids=list(names), data_sources=["plain"])
    done = await suppressing(state, Systems({})).unsuppress(people, purposes, SuppressionKind.OPT_OUT)
    return done.keys


def enter_in_passing(state: Path, names: str) -> None:
    """Enters ids while a transfer runs, out of a call of one of its systems."""
    people = IdsOfPeople(ids=list(names), data_sources=["plain"])
    suppressing(state, Systems({}))._enter(people, (), f"in-passing-{names}")


@dataclass(kw_only=True)
class Late(Systems):
    """Systems whose destination is opened for delivering just when two ids are suppressed."""

    state: Path

    @asynccontextmanager
    async def open(self, name):
        if list(self.state.glob("transfers/*/compared/*.parquet")):
            enter_in_passing(self.state, "be")
        async with super().open(name) as connector:
            yield connector


def targets(kind: str) -> Ids:
    index = [Record(name, name) for name in "abcdefgh"]
    return {"ids": Ids(), "records": Records(index=index), "replacing": Replacing()}[kind]


@pytest.mark.parametrize("kind", ["ids", "records", "replacing"])
async def test_a_suppressed_id_is_not_added_and_its_rows_say_so(gateway, tmp_path, kind):
    target = targets(kind)
    await suppress(tmp_path, "b")
    async with gateway(Systems({"source": Ids([*rows("abc"), Row("B")]), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert set(target.held) == {"a", "c"}
    assert reasons(receipt) == {Reason.ADDED: 2, Reason.SUPPRESSED_ID: 2}
    assert counts(receipt) == {Outcome.DELIVERED: 2, Outcome.SUPPRESSED: 2}


@pytest.mark.parametrize("kind", ["ids", "records", "replacing"])
async def test_a_member_that_is_suppressed_later_leaves_with_the_next_share(gateway, tmp_path, kind):
    target = targets(kind)
    async with gateway(Systems({"source": Ids(rows("abc")), "target": target})) as opened:
        await opened.share()
        await suppress(tmp_path, "b")
        receipt = await opened.receipt(await opened.share())
    assert set(target.held) == {"a", "c"}
    assert receipt.removals == RemovalCount(leavers=1, removed=1)
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 2, Reason.SUPPRESSED_ID: 1}


@pytest.mark.parametrize("kind", ["ids", "records", "replacing"])
async def test_an_id_that_is_suppressed_after_it_was_read_is_not_sent(gateway, tmp_path, kind):
    target = targets(kind)

    async with gateway(Late({"source": Ids(rows("abcdef")), "target": target}, state=tmp_path)) as opened:
        receipt = await opened.receipt(await opened.share())
        again = await opened.receipt(await opened.share())
    assert set(target.held) == set("acdf")
    assert reasons(receipt) == {Reason.ADDED: 4, Reason.SUPPRESSED_ID: 2}
    assert (reasons(again), again.removals) == (
        {Reason.ALREADY_MEMBER: 4, Reason.SUPPRESSED_ID: 2},
        RemovalCount(),
    )


async def test_an_id_that_is_suppressed_between_two_chunks_is_in_none_that_follows(gateway, tmp_path):
    def fail(call: str) -> None:
        if call == "write" and not (tmp_path / "suppressions").exists():
            enter_in_passing(tmp_path, "abcdefgh")

    target = Ids(fail=fail)
    async with gateway(Systems({"source": Ids(rows("abcdefgh")), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert len(target.held) == 3
    assert reasons(receipt) == {Reason.ADDED: 3, Reason.SUPPRESSED_ID: 5}


async def test_a_lost_write_is_repeated_without_who_was_suppressed_since_and_they_are_removed_next(gateway, tmp_path):
    target = Forgetful(promise=WritePromise.IDEMPOTENT_BY_KEY)

    async def write(request):
        result = await Ids.write_members(target, request)
        if not (tmp_path / "suppressions").exists():
            enter_in_passing(tmp_path, "b")
            raise Transient("the reply was cut")
        return result

    target.write_members = write
    async with gateway(Systems({"source": Ids(rows("abc")), "target": target})) as opened:
        first = await opened.receipt(await opened.share())
        held = set(target.held)
        second = await opened.receipt(await opened.share())
    assert (held, target.held) == ({"a", "b", "c"}, {"a", "c"})
    assert reasons(first) == {Reason.ADDED: 2, Reason.SUPPRESSED_ID: 1}
    assert second.removals == RemovalCount(leavers=1, removed=1)


async def test_another_id_of_a_record_whose_id_is_suppressed_counts_as_opted_out(gateway, tmp_path):
    target = Records(index=[Record("a", "1"), Record("b", "1"), Record("c", "2")])
    await suppress(tmp_path, "a")
    async with gateway(Systems({"source": Ids(rows("bc")), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert (target.held, reasons(receipt)) == ({"2"}, {Reason.OPTED_OUT: 1, Reason.ADDED: 1})


async def test_an_id_is_suppressed_in_its_data_source_only(gateway, tmp_path):
    target = Ids()
    await suppress(tmp_path, "a", source="another")
    async with gateway(Systems({"source": Ids(rows("a")), "target": target})) as opened:
        await opened.share()
    assert target.held == {"a"}


@pytest.mark.parametrize(
    ("served", "reason"),
    [(("mail",), Reason.PURPOSE_REFUSED), (("mail", "web"), Reason.PURPOSE_REFUSED), (("web",), Reason.ADDED)],
)
async def test_who_refuses_a_purpose_is_shared_for_others(gateway, tmp_path, served, reason):
    await suppress(tmp_path, "a", "mail", "call")
    systems = Systems({"source": Ids(rows("ab")), "target": Ids()}, purposes=served)
    async with gateway(systems) as opened:
        transfer = await opened.share()
        [row, _] = await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id))
    assert row.reason == reason
    assert row.detail == ("mail" if reason is Reason.PURPOSE_REFUSED else "")


@pytest.mark.parametrize(("asked", "reason"), [("mail", Reason.PURPOSE_REFUSED), ("web", Reason.ADDED)])
async def test_a_request_says_itself_what_it_is_for(gateway, tmp_path, asked, reason):
    await suppress(tmp_path, "a", "mail")
    systems = Systems({"source": Ids(rows("ab")), "target": Ids()}, purposes=("mail", "web"))
    async with gateway(systems) as opened:
        transfer = await opened.share(purposes=(asked,))
        [row, _] = await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id))
        receipt = json.loads((await opened.receipt(transfer)).canonical_json)
    assert (row.reason, row.detail) == (reason, "mail" if reason is Reason.PURPOSE_REFUSED else "")
    assert receipt["purposes"] == [asked]


async def test_whoever_refuses_what_the_next_share_is_for_leaves(gateway, tmp_path):
    await suppress(tmp_path, "a", "mail")
    target = Ids()
    async with gateway(Systems({"source": Ids(rows("ab")), "target": target})) as opened:
        await opened.share(purposes=("web",))
        before = set(target.held)
        await opened.share(purposes=("web", "mail"), guard=ANY)
    assert (before, target.held) == ({"a", "b"}, {"b"})


async def test_a_request_for_what_the_data_source_is_not_for_is_refused(gateway):
    systems = Systems({"source": Ids(rows("a")), "target": Ids()}, purposes=("mail", "web"))
    async with gateway(systems) as opened:
        with pytest.raises(ConfigError, match="does not name `call`") as refused:
            await opened.share(purposes=("call", "mail"))
    assert (refused.value.place, refused.value.remedy) == (
        "data_sources.plain.purposes",
        "Share for `mail` or `web`, or add it there.",
    )


async def test_where_no_purpose_is_named_whoever_refuses_one_is_left_out(gateway, tmp_path):
    await suppress(tmp_path, "a", "mail", "call")
    async with gateway(Systems({"source": Ids(rows("ab")), "target": Ids()})) as opened:
        transfer = await opened.share()
        [row, _] = await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id))
    assert (row.reason, row.detail) == (Reason.PURPOSE_REFUSED, "call, mail")


async def test_what_is_lifted_is_shared_again(gateway, tmp_path):
    target = Ids()
    await suppress(tmp_path, "ab")
    async with gateway(Systems({"source": Ids(rows("ab")), "target": target})) as opened:
        await opened.share()
        lifted = [await unsuppress(tmp_path, "bc"), await unsuppress(tmp_path, "b")]
        await opened.share()
    assert (target.held, lifted) == ({"b"}, [1, 0])


async def test_only_the_purpose_that_is_named_is_lifted(gateway, tmp_path):
    await suppress(tmp_path, "a", "mail", "call")
    lifted = await unsuppress(tmp_path, "a", "mail")
    [left] = await suppressing(tmp_path, Systems({})).list(data_source="", after="", limit=9)
    assert (lifted, left.purposes, left.kind) == (1, ("call",), SuppressionKind.OPT_OUT)


async def test_a_suppressed_id_is_not_added_back_by_an_undo_and_may_be_removed_by_one(gateway, tmp_path):
    source, target = Ids(rows("ab")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = rows("cd")
        second = await opened.share(guard=ANY)
        await suppress(tmp_path, "ac")
        undo = await opened.ended(await opened.transfers.undo(second.id))
        receipt = await opened.receipt(undo)
    assert target.held == {"b"}
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.REMOVED: 2, Reason.SUPPRESSED_ID: 1}


async def test_who_is_suppressed_may_be_removed_by_name(gateway, tmp_path):
    target = Ids()
    async with gateway(Systems({"source": Ids(rows("ab")), "target": target})) as opened:
        await opened.share()
        await suppress(tmp_path, "ab")
        receipt = await opened.receipt(await opened.share(mode=TransferMode.REMOVE_ONLY))
    assert (target.held, reasons(receipt)) == (set(), {Reason.REMOVED: 2})


async def test_a_share_that_only_adds_removes_nobody(gateway, tmp_path):
    target = Ids()
    async with gateway(Systems({"source": Ids(rows("ab")), "target": target})) as opened:
        await opened.share()
        await suppress(tmp_path, "a")
        receipt = await opened.receipt(await opened.share(mode=TransferMode.ADD_ONLY))
    assert target.held == {"a", "b"}
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.SUPPRESSED_ID: 1}


async def test_ids_that_are_none_are_named_by_position_and_the_others_entered(tmp_path):
    people = IdsOfPeople(ids=["a", "bad", "A"], data_sources=["plain", "another"])
    done = await suppressing(tmp_path, Systems({})).suppress(people)
    assert done.keys == 2
    assert [(one.index, one.data_source, one.reason) for one in done.refused] == [
        (1, "another", Reason.INVALID_ID),
        (1, "plain", Reason.INVALID_ID),
    ]


async def test_the_list_is_paged_and_holds_no_id(tmp_path):
    list_ = suppressing(tmp_path, Systems({}))
    await suppress(tmp_path, "abc")
    await suppress(tmp_path, "d", source="another")
    everything = await list_.list(data_source="", after="", limit=9)
    first, second = everything[:2], everything[2:]
    assert await list_.list(data_source="", after="", limit=2) == first
    assert await list_.list(data_source="", after=f"{first[-1].key}/{first[-1].kind}", limit=9) == second
    assert {one.data_source for one in everything} == {"plain", "another"}
    assert len(await list_.list(data_source="another", after="", limit=9)) == 1
    assert all(len(one.key) == 36 for one in everything)


async def test_many_files_become_one_that_says_the_same(tmp_path):
    list_ = suppressing(tmp_path, Systems({}))
    for number in range(35):
        await list_.suppress(IdsOfPeople(ids=[f"id-{number}"], data_sources=["plain"]))
    await list_.unsuppress(IdsOfPeople(ids=["id-7"], data_sources=["plain"]), (), SuppressionKind.OPT_OUT)
    before = await list_.list(data_source="", after="", limit=99)
    merging = Merging(list_.suppressions, tmp_path / "scratch", QueryLimits(), repeated_seconds=-1)
    merging.sweep()
    both = await list_.list(data_source="", after="", limit=99)
    [merged] = tmp_path.glob("suppressions/merged-*.parquet")
    os.utime(merged, (0, 0))
    merging.sweep()
    after = await list_.list(data_source="", after="", limit=99)
    assert list_.suppressions.names() == [merged.name]
    assert len(before) == 34
    assert before == both == after


async def test_files_whose_requests_may_come_again_stay(tmp_path):
    list_ = suppressing(tmp_path, Systems({}))
    for number in range(35):
        await list_.suppress(IdsOfPeople(ids=[f"id-{number}"], data_sources=["plain"]))
    Merging(list_.suppressions, tmp_path / "scratch", QueryLimits(), repeated_seconds=3600).sweep()
    assert len(list_.suppressions.names()) == 35


async def test_a_row_of_changes_that_removes_a_suppressed_member_is_heeded_and_one_that_adds_them_is_not(
    gateway, tmp_path
):
    source, target = Ids(rows("abc")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        await suppress(tmp_path, "abd")
        source.rows = [Row("a", leaves=True), Row("b"), Row("d")]
        receipt = await opened.receipt(await opened.share(mode=TransferMode.DELTA))
    assert target.held == {"b", "c"}
    assert reasons(receipt) == {Reason.REMOVED: 1, Reason.SUPPRESSED_ID: 2}


async def test_the_same_request_again_changes_nothing(tmp_path):
    list_ = suppressing(tmp_path, Systems({}))
    people = IdsOfPeople(ids=["a"], data_sources=["plain"])
    answers = [await list_.suppress(people, request_id="once") for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(list_.suppressions.names()) == 1
