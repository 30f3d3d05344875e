"""Transfers are cancelled, paused, resumed, retried and watched from the command line while they go on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "faults"))

from people import People, write_people
from world import Place, Share, World, running_stub

COMMAND = Path(sys.executable).with_name("audience-gateway")
ROWS = 1000


@dataclass(frozen=True, slots=True)
class Control:
    """A gateway that makes ten calls a second to the stub, and its command line."""

    world: World
    people: People
    people_directory: Path

    def cli(self, *arguments: str, code: int = 0) -> str:
        """What a command prints."""
        command = [str(COMMAND), "--address", self.world.addresses[0], *arguments]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
        assert run.returncode == code, run.stderr
        return run.stdout

    def begin(self, audience: str = "gold") -> tuple[Share, str]:
        """Begins a share, and answers it and the id of its transfer when the stub has got some members, not all."""
        shared = ("share", f"files/{self.people.audience}", f"stub/{audience}", "--data-source", "any")
        before = len(self.held(audience))
        share = Share(self.people, audience)
        share.name = json.loads(self.cli(*shared, "--no-wait", "--json"))["transfer"]["name"]
        while len(self.held(audience)) == before:
            time.sleep(0.01)
        return share, share.name.removeprefix("transfers/")

    def held(self, audience: str = "gold") -> set[str]:
        """Who is in an audience of the stub."""
        return self.world.stub.members(audience)

    def state(self, transfer: str) -> str:
        """The state of a transfer."""
        state: str = self.get(transfer)["state"]
        return state.removeprefix("TRANSFER_STATE_").lower()

    def get(self, transfer: str) -> dict[str, Any]:
        """A transfer."""
        got: dict[str, Any] = json.loads(self.cli("transfers", "show", transfer, "--json"))
        return got


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    people = write_people(tmp_path / "files", "people.csv", 0, ROWS)
    with running_stub(tmp_path) as stub:
        world = World(
            Place(directory=tmp_path / "one", files=tmp_path / "files", stub=stub.url, chunk_rows=ROWS, deliver_rows=20)
        )
        world.gateways[0].variables["AUDIENCE_GATEWAY__CONNECTIONS__STUB__LIMITS__CALLS_PER_SECOND"] = "10"
        world.start_all()
        yield Control(world, people, tmp_path / "files")
        world.end()


def test_the_receipt_of_a_cancelled_transfer_says_what_was_delivered_and_a_retry_sends_the_rest(control):
    share, transfer = control.begin()
    control.cli("transfers", "cancel", transfer)
    assert "cancelled" in control.cli("transfers", "watch", transfer, code=1)
    held = control.held()
    assert set() < held < control.people.members
    assert control.world.truthful(share, set()).survived

    control.cli("transfers", "retry", transfer)
    assert control.world.complete(share).survived


def test_the_next_share_after_a_cancelled_one_sends_the_rest_too(control):
    share, transfer = control.begin()
    control.cli("transfers", "cancel", transfer)
    control.cli("transfers", "watch", transfer, code=1)
    control.cli("share", "files/people.csv", "stub/gold", "--data-source", "any")
    assert control.world.complete(share).survived


def test_a_paused_transfer_stands_still_and_goes_on_when_it_is_resumed(control):
    share, transfer = control.begin()
    control.cli("transfers", "pause", transfer)
    assert control.state(transfer) == "paused"
    control.world.end()
    held = control.held()
    control.world.start_all()
    assert control.state(transfer) == "paused"
    assert control.held() == held < control.people.members

    control.cli("transfers", "resume", transfer)
    assert "delivered" in control.cli("transfers", "watch", transfer)
    assert control.state(transfer) == "succeeded"
    assert control.world.complete(share).survived


def test_a_transfer_that_the_guard_holds_back_waits_over_a_restart_until_it_is_released_for_a_reason(control):
    few = write_people(control.people_directory, "few.csv", 0, 40)
    shared = ("share", "files/few.csv", "stub/few", "--data-source", "any")
    assert "This was a dry run" in control.cli(*shared, "--dry-run")
    assert control.held("few") == set()
    control.cli(*shared)
    write_people(control.people_directory, "few.csv", 0, 0)
    control.cli(*shared, code=3)
    transfer = json.loads(control.cli("transfers", "list", "--limit", "1", "--json"))[0]["name"]
    name = transfer.removeprefix("transfers/")
    control.world.end()
    control.world.start_all()
    assert (control.state(name), control.held("few")) == ("withheld", few.members)

    control.cli("transfers", "release", name, "--reason", "the list was closed")
    assert (control.state(name), control.held("few")) == ("succeeded", set())
    [hold] = json.loads(json.loads(control.cli("transfers", "receipt", name, "--json"))["canonical_json"])["holds"]
    assert [finding["reason"] for finding in hold["findings"]] == ["empty_source"]
    assert hold["release"]["reason"] == "the list was closed"
