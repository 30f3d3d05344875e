"""A sandbox and a gateway as processes of their own, for tests of the whole."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from audience_gateway.v1 import audience_service_pb2, audience_service_pb2_grpc, transfer_pb2

DEMO = Path(__file__).parents[2] / "examples" / "demo"
sys.path.insert(0, str(DEMO))

from processes import COMMAND, started
from run import settings

RECIPIENTS = 4_000


@dataclass
class Systems:
    """A running sandbox and where its files are."""

    directory: Path
    ready: dict[str, Any]

    def members(self, name: str) -> list[int]:
        """Recipients in a list of the sandbox's Campaign."""
        query = "SELECT recipient_id FROM membership JOIN list_group ON id = group_id WHERE name = ? ORDER BY 1"
        connection = sqlite3.connect(f"file:{self.directory / 'sandbox' / 'campaign.sqlite'}?mode=ro", uri=True)
        try:
            return [member for (member,) in connection.execute(query, [name])]
        finally:
            connection.close()


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systems]:
    """One sandbox for all tests; each test writes into lists of its own."""
    directory = tmp_path_factory.mktemp("systems")
    (directory / "lists").mkdir()
    arguments = ["sandbox", "--recipients", str(RECIPIENTS), "--port", "0", "--state", str(directory / "sandbox")]
    # Accounts of customer attributes are looked into when a test lets time pass, and hardly ever between.
    arguments += ["--assume", "attributes_pickup_seconds=1800"]
    with started(arguments, directory / "sandbox.json", directory / "sandbox.log") as ready:
        yield Systems(directory, ready)


@dataclass
class Gateway:
    """A gateway that can be started, told to end, killed, and asked by its command line."""

    systems: Systems
    state: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    address: str = ""

    def start(self, **changes: str) -> None:
        """Starts it and waits until it answers; changes replace texts of its settings."""
        config, ready = self.state / "gateway.toml", self.state / "gateway.json"
        text = settings(self.state, self.systems.ready)
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        config.write_text(text, encoding="utf-8")
        ready.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "CAMPAIGN_PASSWORD": self.systems.ready["campaign"]["password"],
            **self.environment,
        }
        with (self.state / "gateway.log").open("ab") as log:
            command = [str(COMMAND), "serve", "--config", str(config), "--ready-file", str(ready)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        while not ready.exists():
            assert self.process.poll() is None, (self.state / "gateway.log").read_text()
            time.sleep(0.02)
        self.address = json.loads(ready.read_text())["address"]

    def kill(self) -> None:
        """Ends it by SIGKILL."""
        assert self.process
        self.process.kill()
        self.process.wait()
        self.process = None

    def end(self) -> int:
        """Tells it to end by SIGTERM; answers its exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        return code

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line against it."""
        command = [str(COMMAND), "--address", self.address, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)

    def receipt(self, *arguments: str) -> dict[str, Any]:
        """Shares, and answers the receipt."""
        shared = self.cli("share", *arguments, "--json")
        assert shared.returncode in {0, 3}, shared.stderr
        receipt: dict[str, Any] = json.loads(json.loads(shared.stdout)["receipt"]["canonical_json"])
        return receipt

    def start_share(self, source: str, destination: str, data_source: str, request_id: str) -> transfer_pb2.Transfer:
        """Starts a transfer, or finds the one of the request id, by the API."""
        with grpc.insecure_channel(self.address) as channel:
            request = audience_service_pb2.ShareAudienceRequest(
                source=f"connections/{source}",
                destination=f"connections/{destination}",
                data_source=f"dataSources/{data_source}",
                request_id=request_id,
            )
            stub = audience_service_pb2_grpc.AudienceServiceStub(channel)
            return stub.ShareAudience(request, timeout=60, wait_for_ready=True).transfer

    @property
    def log(self) -> str:
        """All that it has logged."""
        return (self.state / "gateway.log").read_text()


@pytest.fixture
def gateway(systems: Systems, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway of the test's own, not started yet."""
    (tmp_path / "lists").mkdir()
    made = Gateway(systems, tmp_path)
    yield made
    if made.process:
        made.kill()


@pytest.fixture(scope="module")
def shared_gateway(systems: Systems, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that the tests of one module share, not started yet."""
    directory = tmp_path_factory.mktemp("gateway")
    (directory / "lists").mkdir()
    made = Gateway(systems, directory)
    yield made
    if made.process:
        made.kill()


@pytest.fixture
def own_gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway, started, in front of a sandbox of the test's own; its parameter is the number of recipients."""
    recipients = str(getattr(request, "param", 1000))
    arguments = ["sandbox", "--recipients", recipients, "--port", "0", "--state", str(tmp_path / "sandbox")]
    (tmp_path / "lists").mkdir()
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        made = Gateway(Systems(tmp_path, ready), tmp_path)
        made.start()
        yield made
        assert made.end() == 0


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Chance that is the same in each run of a test."""
    return random.Random(request.node.name)
