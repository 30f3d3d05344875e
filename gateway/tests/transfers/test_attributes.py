"""Members with attributes: they travel to a destination that wants them, and a change of them is delivered again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
from audience_gateway.sdk import (
    ConfigError,
    MemberPage,
    ReadRequest,
    Reason,
    Transient,
    WritePromise,
    WriteRequest,
    WriteResult,
)
from audience_gateway.transfers.model import TransferState, UndeliveredRef
from systems import Ids, Row, Systems
from test_account import reasons


@dataclass
class Told(Ids):
    """Holds ids with attributes: reads `values` by id."""

    values: dict[str, dict[str, str | None]] = field(default_factory=dict)

    async def check_attributes(self, audience: str, names: Sequence[str]) -> None:
        if missing := set(names) - {name for values in self.values.values() for name in values}:
            raise ConfigError(f"there is no column {sorted(missing)}", place=audience)

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        async for page in super().read_members(request):
            of_rows = [self.values.get(one, {}) for one in page.members.columns.column("id").to_pylist()]
            columns = [pa.array([values.get(name) for values in of_rows], pa.string()) for name in request.attributes]
            names = list(request.attributes)
            yield replace(page, attributes=pa.record_batch(columns, names=names) if names else None)


@dataclass
class Wanting(Ids):
    """Takes ids with attributes."""

    wants: tuple[str, ...] = ("tier", "city")
    known: dict[str, dict[str, str | None]] = field(default_factory=dict)
    writes: list[int] = field(default_factory=list)

    async def wanted_attributes(self, audience: str) -> Sequence[str]:
        return self.wants

    def members_a_write(self) -> int:
        return 100

    async def write_members(self, request: WriteRequest) -> WriteResult:
        result = await super().write_members(request)
        rows = request.attributes.to_pylist()
        self.writes.append(len(rows))
        self.known |= {
            target: row
            for target, row in zip(request.batch.targets.to_pylist(), rows, strict=True)
            if target not in self.refuses
        }
        return result


def told(**tiers: str | None) -> Told:
    """A source of members, in pages of two, all of whom live in Rome."""
    return Told([Row(name) for name in tiers], values={name: {"tier": t, "city": "Rome"} for name, t in tiers.items()})


async def test_a_member_arrives_with_the_attributes_of_its_row(gateway):
    target = Wanting()
    async with gateway(Systems({"source": told(a="1", b=None, c="3"), "target": target})) as opened:
        await opened.share()
    assert target.known == {
        "a": {"tier": "1", "city": "Rome"},
        "b": {"tier": None, "city": "Rome"},
        "c": {"tier": "3", "city": "Rome"},
    }


async def test_a_destination_says_how_many_members_a_write_has(gateway):
    target = Wanting()
    async with gateway(Systems({"source": told(a="1", b="2", c="3", d="4", e="5"), "target": target})) as opened:
        await opened.share()
    assert target.writes == [5]


async def test_only_those_whose_attributes_changed_are_delivered_again(gateway):
    source, target = told(a="1", b="2", c="3"), Wanting()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.values["b"]["tier"] = "9"
        receipt = await opened.receipt(await opened.share())
        again = await opened.receipt(await opened.share())
    assert target.writes == [3, 1]
    assert target.known["b"]["tier"] == "9"
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 2, Reason.ADDED: 1}
    assert reasons(again) == {Reason.ALREADY_MEMBER: 3}


async def test_another_set_of_attributes_is_delivered_to_everybody(gateway):
    target = Wanting()
    async with gateway(Systems({"source": told(a="1", b="2"), "target": target})) as opened:
        await opened.share()
        target.wants = ("tier",)
        await opened.share()
    assert target.writes == [2, 2]


async def test_a_member_whose_new_attributes_were_refused_is_not_forgotten(gateway):
    source, target = told(a="1", b="2", c="3"), Wanting()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.values["b"]["tier"], target.refuses = "9", {"b"}
        refused = await opened.receipt(await opened.share())
        target.refuses = set()
        source.rows = [Row("a"), Row("c")]
        removed = await opened.receipt(await opened.share())
    assert reasons(refused) == {Reason.ALREADY_MEMBER: 2, Reason.REFUSED_BY_DESTINATION: 1}
    assert (removed.removals.leavers, removed.removals.removed) == (1, 1)


@dataclass
class Forgetful(Wanting):
    """Takes members at least once, can find them, and does not answer the write of a call when told to."""

    silent: bool = False

    def write_promise(self) -> WritePromise:
        return WritePromise.AT_LEAST_ONCE

    async def find_members(self, request: WriteRequest) -> Sequence[int]:
        return range(len(request.batch))

    async def write_members(self, request: WriteRequest) -> WriteResult:
        if self.silent:
            raise Transient("no answer")
        return await super().write_members(request)


async def test_whoever_is_found_a_member_may_still_have_older_attributes(gateway):
    source, target = told(a="1", b="2"), Forgetful()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.values["b"]["tier"], target.silent = "9", True
        lost = await opened.receipt(await opened.share())
        target.silent = False
        again = await opened.receipt(await opened.share())
    assert reasons(lost) == {Reason.ALREADY_MEMBER: 1, Reason.IN_DOUBT: 1}
    assert reasons(again) == {Reason.ALREADY_MEMBER: 1, Reason.ADDED: 1}
    assert target.known["b"]["tier"] == "9"


async def test_a_retry_of_refused_rows_has_their_attributes(gateway):
    target = Wanting(refuses={"b"})
    async with gateway(Systems({"source": told(a="1", b="2"), "target": target})) as opened:
        first = await opened.share()
        target.refuses = set()
        await opened.share(source=UndeliveredRef(first.id))
    assert target.known["b"] == {"tier": "2", "city": "Rome"}


async def test_a_source_without_attributes_is_refused_before_anything_is_read(gateway):
    async with gateway(Systems({"source": Ids([Row("a")]), "target": Wanting()})) as opened:
        transfer = await opened.share()
    assert transfer.state is TransferState.FAILED
    assert "the destination wants `tier`, `city`" in str(transfer.failure)


async def test_a_source_that_lacks_one_of_them_says_which(gateway):
    async with gateway(Systems({"source": told(a="1"), "target": Wanting(wants=("tier", "age"))})) as opened:
        transfer = await opened.share()
    assert transfer.state is TransferState.FAILED
    assert "age" in str(transfer.failure)


async def test_a_destination_that_wants_none_is_given_none(gateway):
    target = Ids()
    async with gateway(Systems({"source": told(a="1"), "target": target})) as opened:
        await opened.share()
    assert target.held == {"a"}
