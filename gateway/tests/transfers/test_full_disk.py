"""A transfer waits for a disk that is full, and goes on when there is room."""

from __future__ import annotations

import errno

import duckdb
import pytest
from audience_gateway.sdk import Reason, Transient
from audience_gateway.transfers import full_disk
from audience_gateway.transfers.full_disk import is_full_disk, waiting_for_room
from systems import Ids, Row, Systems
from test_account import reasons


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch):
    monkeypatch.setattr(full_disk, "_LOOK_SECONDS", 0.001)


async def nothing() -> None:
    return


def full() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


async def test_a_step_is_tried_again_until_there_is_room():
    errors = [full(), duckdb.IOException("Could not write file: No space left on device")]

    async def step():
        if errors:
            raise errors.pop()
        return {"rows": 1}

    assert await waiting_for_room(step, nothing, nothing, patience=60) == {"rows": 1}


async def test_patience_ends_with_a_remedy_and_nothing_in_doubt():
    async def step():
        raise full()

    with pytest.raises(Transient, match="the disk is full") as caught:
        await waiting_for_room(step, nothing, nothing, patience=0)
    assert (caught.value.place, caught.value.sent) == ("storage.state", False)


def test_other_errors_are_no_full_disk():
    assert not is_full_disk(OSError(errno.EACCES, "denied"))
    assert not is_full_disk(duckdb.IOException("no such file"))
    assert not is_full_disk(ValueError("No space left on device"))


async def test_a_transfer_on_a_disk_that_is_full_for_a_while_delivers_everything(gateway):
    class Filling(Ids):
        full_once = True

        async def read_members(self, request):
            if self.full_once:
                self.full_once = False
                raise full()
            async for page in super().read_members(request):
                yield page

    target = Ids()
    async with gateway(Systems({"source": Filling([Row("a"), Row("b")]), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert (reasons(receipt), target.held) == ({Reason.ADDED: 2}, {"a", "b"})
