"""Which rows are written and which are refused, whatever fails in passing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

import pytest
from audience_gateway.sdk import Permanent, Transient
from audience_gateway_campaign.faults import FaultError
from audience_gateway_campaign.splitting import Splitting
from audience_gateway_campaign.write_pace import SMALLEST, WritePace
from hypothesis import given
from hypothesis import strategies as st


class Table:
    """Takes all rows of a write or none; refuses some rows always, and one write in twenty whatever it holds."""

    def __init__(self, guilty: set[int], chance: Random | None = None) -> None:
        self.guilty = guilty
        self.chance = chance
        self.written: list[int] = []
        self.sizes: list[int] = []

    async def take(self, rows: Sequence[int]) -> None:
        self.sizes.append(len(rows))
        await asyncio.sleep(0)
        if self.chance and self.chance.random() < 1 / 20:
            raise FaultError("SOP-330011", "in passing", place="")
        if self.guilty.intersection(rows):
            raise FaultError("PGS-220000", "locked", place="")
        self.written += rows

    async def write(self, rows: Sequence[int], size: int = 64, concurrency: int = 3) -> dict[int, str]:
        refused = await Splitting(self.take, WritePace(size, concurrency)).write_all(rows)
        assert len(refused) == len({row for row, _ in refused})
        return {row: fault.code for row, fault in refused}


@given(
    st.integers(0, 300),
    st.sets(st.integers(0, 299), max_size=60),
    st.integers(1, 100),
    st.integers(1, 5),
)
async def test_exactly_the_guilty_rows_are_refused(rows, guilty, size, concurrency):
    table = Table(guilty)
    refused = await table.write(range(rows), size, concurrency)
    assert refused == dict.fromkeys(guilty.intersection(range(rows)), "PGS-220000")
    assert sorted(set(table.written)) == [row for row in range(rows) if row not in guilty]


@given(st.sets(st.integers(0, 299), max_size=60), st.integers())
async def test_a_write_that_fails_in_passing_costs_no_row(guilty, seed):
    table = Table(guilty, Random(seed))
    refused = await table.write(range(300))
    assert refused == dict.fromkeys(guilty, "PGS-220000")
    assert set(table.written) == set(range(300)) - guilty


@pytest.mark.parametrize(
    ("codes", "refused_with"),
    [
        (["PGS-220000"] * 3, "PGS-220000"),
        (["SOP-330011"] * 5, "SOP-330011"),
        (["no-code"] * 5, "no-code"),
        (["SOP-330011", "PGS-220000", "SOP-330011", "PGS-220000", "PGS-220000"], "PGS-220000"),
        (["SOP-330011", "SOP-330011", "PGS-220000", *["SOP-330011"] * 3], "PGS-220000"),
        ([f"PGS-22000{number}" for number in range(8)], "PGS-220000"),
    ],
)
async def test_a_row_is_refused_when_campaign_keeps_to_its_reason(codes, refused_with):
    left = list(codes)

    async def refuse(_: Sequence[int]) -> None:
        raise FaultError(left.pop(0), "", place="")

    ((row, fault),) = await Splitting(refuse, WritePace(8, 1)).write_all([1])
    assert (row, fault.code, left) == (1, refused_with, [])


async def test_rows_without_a_guilty_one_cost_no_call_too_many():
    table = Table(set())
    await table.write(range(640))
    assert table.sizes == [64] * 10


async def test_one_guilty_row_costs_about_a_call_a_halving():
    table = Table({1023})
    await table.write(range(1024), size=1024, concurrency=1)
    assert len(table.sizes) <= 1 + 10 + 4


async def test_parts_become_smaller_while_rows_are_refused_and_larger_again():
    table = Table({*range(0, 2000, 10), 1999})
    pace = WritePace(320, 1)
    await Splitting(table.take, pace).write_all(range(2000))
    assert pace.rows == SMALLEST
    await Splitting(table.take, pace).write_all(range(2001, 2009))
    assert pace.rows == 2 * SMALLEST


async def test_no_part_is_larger_than_set_even_if_that_is_very_small():
    table = Table({1})
    await table.write(range(10), size=2)
    assert max(table.sizes) == 2


@pytest.mark.parametrize("error", [Transient("cut"), Permanent("strange", sent=True)])
async def test_an_error_that_is_no_refusal_ends_the_write_and_leaves_it_in_doubt(error):
    async def fail(_: Sequence[int]) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        await Splitting(fail, WritePace(8, 2)).write_all(range(100))
    assert raised.value.sent
