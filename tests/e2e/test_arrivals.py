"""A delivery is followed while gateways come and go: the test plays the part of a system that takes its time."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from processes import COMMAND

from tests import slow_inbox
from tests.e2e.waiting import until

SETTINGS = """
[server]
address = "127.0.0.1:0"

[storage]
state = "{directory}/state"

[arrivals]
poll_seconds = 1
answer_seconds = 1

[connections.files]
connector = "files"
[connections.files.settings]
bucket = "file://{directory}/lists"
id_column = "email"

[data_sources.email]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"
"""
INBOX = """
[connections.inbox]
connector = "inbox"
[connections.inbox.settings]
bucket = "file://{directory}/inbox"
visible_seconds = 0
"""


@dataclass
class Gateway:
    """A gateway with an inbox, that is killed and started again."""

    directory: Path
    process: subprocess.Popen[bytes] | None = None
    address: str = ""

    def start(self, *, inbox: bool = True) -> None:
        config, ready = self.directory / "gateway.toml", self.directory / "ready.json"
        config.write_text((SETTINGS + (INBOX if inbox else "")).format(directory=self.directory))
        ready.unlink(missing_ok=True)
        command = [COMMAND, "serve", "--config", str(config), "--ready-file", str(ready)]
        environment = {**os.environ, "PYTHONPATH": str(self.directory / "site")}
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        until(lambda: ready.exists() or self.process.poll() is not None)
        self.address = json.loads(ready.read_text())["address"]

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def cli(self, *arguments: str) -> Any:
        command = [COMMAND, "--address", self.address, *arguments, "--json"]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)

    def arrivals(self, transfer: str) -> dict[str, dict[str, Any]]:
        return {one["stage"]: one for one in self.cli("transfers", "show", transfer)["arrivals"]}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "people.csv").write_text("email\nada@example.org\ngrace@example.org\n")
    slow_inbox.install(tmp_path / "site")
    made = Gateway(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.mark.slow
def test_a_delivery_is_followed_over_kills_of_the_gateway_and_a_connection_that_is_gone(gateway: Gateway) -> None:
    shared = gateway.cli("share", "files/people.csv", "inbox/people", "--data-source", "email")["transfer"]
    name = shared["name"]
    assert [(one["stage"], one["state"]) for one in shared["arrivals"]] == [
        ("delivered", "ARRIVAL_STATE_REACHED"),
        ("ingested", "ARRIVAL_STATE_PENDING"),
        ("visible", "ARRIVAL_STATE_OVERDUE"),
    ]
    until(lambda: "arrival overdue" in (gateway.directory / "log").read_text())

    gateway.kill()
    (written,) = (gateway.directory / "inbox").glob("*/add-00000")
    written.with_name("add-00000.done").write_text("2")
    gateway.start()
    until(lambda: gateway.arrivals(name)["ingested"]["state"] == "ARRIVAL_STATE_REACHED")
    assert gateway.arrivals(name)["ingested"]["counts"] == {"stored_records": "2"}

    gateway.kill()
    written.with_name("add-00000.visible").touch()
    gateway.start(inbox=False)
    until(lambda: "there is no `inbox`" in gateway.arrivals(name)["visible"]["message"])
    assert gateway.arrivals(name)["visible"]["state"] == "ARRIVAL_STATE_OVERDUE"

    gateway.kill()
    gateway.start()
    until(lambda: gateway.arrivals(name)["visible"]["state"] == "ARRIVAL_STATE_REACHED")
    assert (gateway.directory / "log").read_text().count("arrival overdue") == 1
    assert "ada" not in (gateway.directory / "log").read_text()
