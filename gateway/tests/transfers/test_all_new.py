"""Where nobody is a member yet, what there is to tell of those who join is one file of several names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from audience_gateway.sdk import Reason, WriteRequest, WriteResult
from audience_gateway.transfers import comparing, snapshots
from audience_gateway.transfers.deltas import Delta
from audience_gateway.transfers.model import AudienceRef, TransferState
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.received import Received
from audience_gateway.transfers.task import Sizes
from systems import Ids, Record, Records, Row, Systems, transfers_of
from test_account import reasons

from conftest import request

INDEX = [Record(name, name.upper()) for name in "abcde"]


def kept(state: Path) -> list[Path]:
    """The newest snapshot, the newest delta, and what was received last."""
    places = ("snapshots/*/*.parquet", "transfers/*/delta.parquet", "received/*/*.parquet")
    return [max(state.glob(place), key=lambda path: path.stat().st_mtime_ns) for place in places]


def names(query: str) -> list[tuple[object, ...]]:
    return duckdb.sql(f"FROM ({query}) ORDER BY ALL").fetchall()


@pytest.fixture
def share(gateway):
    """Shares some ids with records; answers why each row ended as it did."""

    async def sharing(ids: Sequence[str], target: Records) -> dict[Reason, int]:
        async with gateway(Systems({"source": Ids([Row(id_) for id_ in ids]), "target": target})) as opened:
            shared = await opened.share()
            assert shared.state is TransferState.SUCCEEDED
            return reasons(await opened.receipt(shared))

    return sharing


async def test_snapshot_delta_and_what_was_received_are_one_file(share, tmp_path):
    ended = await share(["a", "b", "a", "nobody"], Records(index=INDEX))
    snapshot, delta, received = kept(tmp_path)
    assert ended == {Reason.ADDED: 2, Reason.SAME_ID: 1, Reason.UNKNOWN_ID: 1}
    assert snapshot.samefile(delta)
    assert snapshot.samefile(received)


async def test_each_name_tells_what_is_asked_of_it(share, tmp_path):
    await share("abc", Records(index=INDEX))
    snapshot, delta, _ = kept(tmp_path)
    [(receiver, _)] = Received(tmp_path / "received").receivers()
    pairs = Received(tmp_path / "received").pairs(receiver.snapshot_key)
    assert names(f"SELECT target, certain FROM ({snapshots.members(snapshot)})") == [(n, True) for n in "ABC"]
    assert (Delta.of(delta).members, Delta.of(delta).snapshot_key) == (3, receiver.snapshot_key)
    assert (receiver.destination, receiver.reconciles) == (AudienceRef("target", "list"), True)
    assert names(f"SELECT target, count(DISTINCT key) FROM ({pairs}) GROUP BY target") == [(n, 1) for n in "ABC"]


async def test_with_members_of_before_each_is_a_file_of_its_own(share, tmp_path):
    target = Records(index=INDEX)
    await share("abc", target)
    await share("abcd", target)
    snapshot, delta, received = kept(tmp_path)
    assert names(f"SELECT target FROM ({snapshots.members(snapshot)})") == [(n,) for n in "ABCD"]
    assert Delta.of(delta).members == 1
    assert len({path.stat().st_ino for path in (snapshot, delta, received)}) == 3


async def test_whom_the_destination_refuses_is_received_and_no_member(share, tmp_path):
    await share("abc", Records(index=INDEX, refuses={"B"}))
    snapshot, delta, received = kept(tmp_path)
    assert names(f"SELECT target FROM ({snapshots.members(snapshot)})") == [("A",), ("C",)]
    assert Delta.of(delta).members == 2
    assert names(f"SELECT target FROM '{received}'") == [("A",), ("B",), ("C",)]


async def test_ids_of_one_record_are_all_received(share, tmp_path):
    ended = await share("abz", Records(index=[*INDEX, Record("z", "A")]))
    *_, received = kept(tmp_path)
    assert ended == {Reason.ADDED: 2, Reason.SAME_TARGET: 1}
    assert names(f"SELECT target FROM '{received}'")[0] == ("A",)


@dataclass
class Stuck(Records):
    """Never answers a write."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def write_members(self, request: WriteRequest) -> WriteResult:
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_what_an_older_gateway_has_compared_by_shares_stays_so(gateway, tmp_path, monkeypatch):
    source, target = Ids([Row("a"), Row("b")]), Records(index=INDEX)
    with monkeypatch.context() as older:
        older.setattr(comparing, "are_all_new", lambda *_: False)
        async with gateway(Systems({"source": source, "target": (stuck := Stuck(index=INDEX))})) as opened:
            begun = await opened.transfers.start(request())
            await stuck.reached.wait()
    compared = sorted(path.name for path in tmp_path.glob("transfers/*/compared/*"))
    async with gateway(Systems({"source": source, "target": target})) as opened:
        ended = await opened.receipt(await opened.ended(begun))
    assert compared == ["00.parquet"]
    assert (reasons(ended), target.held) == ({Reason.ADDED: 2}, {"A", "B"})


async def test_members_of_several_partitions_have_each_a_position_of_their_own(tmp_path):
    ids = [f"{number:03d}" for number in range(60)]
    target = Records(index=[Record(id_, id_) for id_ in ids])
    systems = Systems({"source": Ids([Row(id_) for id_ in ids]), "target": target})
    options = TransferOptions(state=tmp_path, sizes=Sizes(chunk_rows=8, deliver_rows=7, partition_rows=10))
    async with transfers_of(systems, options) as transfers:
        begun = await transfers.start(request())
        [*_, ended] = [change async for change in transfers.watch(begun.id)]
    [(first, last, positions)] = names(
        f"SELECT min(position), max(position), count(DISTINCT position) FROM '{kept(tmp_path)[0]}'"
    )
    assert (ended.state, first, last, positions) == (TransferState.SUCCEEDED, 0, 59, 60)
    assert target.held == set(ids)
