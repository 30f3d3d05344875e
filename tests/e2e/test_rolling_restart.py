"""Three replicas restart one after the other under load: clients notice no more than a hint to come again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from audience_gateway.v1 import transfer_pb2

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "faults"))

from people import People, write_people
from rolling_clients import Clients, at_fixed_ports, clients
from service_configs import ONE_BY_ONE, RETRYING
from world import Place, World, running_stub

ASKING, SHARING = 6, 2


@pytest.fixture
def world(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    with running_stub(tmp_path) as stub:
        made = World(
            Place(
                directory=tmp_path / "world",
                files=tmp_path / "files",
                stub=stub.url,
                chunk_rows=200,
                deliver_rows=100,
                database=postgres_url,
            ),
            3,
        )
        yield made
        made.end()


@pytest.fixture
def people(tmp_path: Path) -> People:
    return write_people(tmp_path / "files", "people.csv", 0, 1000)


async def restart_each_in_turn(world: World, loads: list[Clients]) -> None:
    """Ends each replica and starts it again; goes on to the next when all clients are well."""
    for number, gateway in enumerate(world.gateways):
        assert await asyncio.to_thread(gateway.end) == 0
        assert await asyncio.to_thread(world.start, number)
        before = [(load.answered, len(load.transfers)) for load in loads]
        while any(  # noqa: ASYNC110  # what clients see has no event
            load.answered < answered + 20 or len(load.transfers) < shared + 1
            for load, (answered, shared) in zip(loads, before, strict=True)
        ):
            await asyncio.sleep(0.05)


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_a_rolling_restart_fails_no_transfer_and_shows_clients_only_hints_to_come_again(world, people):
    ports = at_fixed_ports(world)
    await asyncio.to_thread(world.start_all)
    async with (
        clients(ports, RETRYING) as retrying,
        clients(ports, ONE_BY_ONE) as plain,
        asyncio.TaskGroup() as group,
    ):
        for name, load in (("retrying", retrying), ("plain", plain)):
            for _ in range(ASKING):
                group.create_task(load.ask())
            for number in range(SHARING):
                group.create_task(load.share(people.audience, f"{name}-{number}"))
        await restart_each_in_turn(world, [retrying, plain])
        retrying.over = plain.over = True

    assert {seen.code for load in (retrying, plain) for seen in load.seen} <= {"UNAVAILABLE"}
    assert all(seen.pushback for seen in retrying.seen)
    assert any(seen.reason == "DRAINING" for seen in plain.seen)
    assert all(seen.pushback == seen.advice for seen in plain.seen if seen.reason == "DRAINING")
    ends = {(transfer.state, transfer.failure.message) for load in (retrying, plain) for transfer in load.transfers}
    assert ends == {(transfer_pb2.TRANSFER_STATE_SUCCEEDED, "")}
    for name in ("retrying-0", "plain-0"):
        assert world.stub.members(name) == people.members
        assert world.stub.held(name).doubled == 0
