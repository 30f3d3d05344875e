"""A chunk is read, written and normalised while the steps of the one before it are taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from audience_gateway.sdk import ConfigError, DataSource, Normalised, Transient
from audience_gateway.transfers.model import TransferState
from systems import Ids, Plain, Row, Systems

ROWS = [Row(name) for name in "abcdefghij"]  # a chunk is of four


@dataclass
class Normalising(Plain):
    """Does something before it normalises."""

    before: Callable[[str], None]

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
        self.before(ids[0].as_py())
        return super().normalise(ids, source, encoded=encoded)


def until(true: Callable[[], bool]) -> bool:
    """Whether something has become true, within a while."""
    end = time.monotonic() + 20
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def chunks(state: Path) -> int:
    return len(list(state.glob("transfers/*/extract/*.parquet")))


async def test_the_next_chunk_is_taken_up_before_a_chunk_has_been_normalised(gateway):
    begun, met = set(), []

    def before(first: str) -> None:
        begun.add(first)
        if first == "a":
            met.append(until(lambda: "e" in begun))

    async with gateway(Systems({"source": Ids(ROWS), "target": Ids()}, Normalising(before))) as opened:
        shared = await opened.share()
    assert (shared.state, met, begun) == (TransferState.SUCCEEDED, [True], {"a", "e", "i"})


async def test_a_chunk_that_could_not_be_read_ahead_is_read_when_its_turn_comes(gateway, tmp_path):
    target, reads = Ids(), []

    def fail(call: str) -> None:
        reads.append(call)
        if len(reads) == 4:
            raise Transient("not now")

    async with gateway(Systems({"source": Ids(ROWS, fail=fail), "target": target})) as opened:
        shared = await opened.share()
    assert (shared.state, target.held) == (TransferState.SUCCEEDED, set("abcdefghij"))
    assert chunks(tmp_path) == 3


async def test_rows_that_were_read_ahead_do_not_count_in_a_transfer_that_ends_before_them(gateway, tmp_path):
    def before(first: str) -> None:
        if first == "a":
            until(lambda: chunks(tmp_path) == 2)
            raise ZeroDivisionError

    async with gateway(Systems({"source": Ids(ROWS), "target": Ids()}, Normalising(before))) as opened:
        shared = await opened.share()
        receipt = await opened.receipt(shared)
    assert (shared.state, receipt.rows_read, chunks(tmp_path)) == (TransferState.FAILED, 4, 2)
    assert sum(count.rows for count in receipt.outcomes) == 4


async def test_a_chunk_that_could_not_be_normalised_ahead_fails_its_own_step(gateway):
    target = Ids()

    def before(first: str) -> None:
        if first == "e":
            raise ConfigError("not this one", place="here")

    async with gateway(Systems({"source": Ids(ROWS), "target": target}, Normalising(before))) as opened:
        shared = await opened.share()
        receipt = await opened.receipt(shared)
    assert (shared.failure.message, receipt.rows_read) == ("here: not this one", 8)
    assert target.held == set()
