"""Schedules of real gateways: each due run is started once, also by several gateways and over kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
import sqlalchemy as sa
from audience_gateway.storage.database import connect
from audience_gateway.storage.schema import SCHEDULE_RUNS
from audience_gateway.v1 import schedule_service_pb2, transfer_pb2, transfer_service_pb2
from audience_gateway.v1.schedule_pb2 import ScheduledRun
from audience_gateway.v1.schedule_service_pb2_grpc import ScheduleServiceStub
from audience_gateway.v1.transfer_pb2 import Transfer
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from processes import COMMAND

SETTINGS = """
[server]
address = "127.0.0.1:0"
[storage]
state = "{root}/state"
database = "env:DATABASE"
[transfers]
lease_seconds = 2
[connections.lists]
connector = "files"
[connections.lists.settings]
bucket = "file://{root}/lists"
id_column = "email"
[connections.customers]
connector = "files"
[connections.customers.settings]
bucket = "file://{root}/customers"
id_column = "customer"
[connections.customers.settings.index]
file = "crosswalk.csv"
id_column = "email"
target_column = "customer"
[data_sources.email]
id_type = "declared_id"
reconciliation_key = "email"
recipe = "email"
"""
SHARE = ("lists/gold.csv", "customers/gold.csv", "--data-source", "email")
PATIENCE_SECONDS = 60


@dataclass
class Replica:
    """A gateway as a process of its own."""

    root: Path
    name: str
    database: str
    process: subprocess.Popen[bytes] | None = None
    address: str = ""

    def start(self) -> None:
        """Starts it and waits until it answers."""
        config, ready = self.root / "gateway.toml", self.root / f"{self.name}.json"
        config.write_text(SETTINGS.format(root=self.root), encoding="utf-8")
        ready.unlink(missing_ok=True)
        command = [str(COMMAND), "serve", "--config", str(config), "--ready-file", str(ready)]
        with (self.root / f"{self.name}.log").open("ab") as log:
            environment = {**os.environ, "DATABASE": self.database or f"sqlite:///{self.root}/state/gateway.db"}
            self.process = process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        until(lambda: ready.exists() or process.poll() is not None)
        assert ready.exists(), (self.root / f"{self.name}.log").read_text()
        self.address = json.loads(ready.read_text())["address"]

    def stop(self, number: signal.Signals) -> None:
        """Ends it by a signal."""
        if self.process:
            self.process.send_signal(number)
            self.process.wait(PATIENCE_SECONDS)
            self.process = None

    def cli(self, *arguments: str) -> Any:
        """What a command answers as JSON."""
        command = [str(COMMAND), "--address", self.address, *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def started(self, schedule: str) -> list[ScheduledRun]:
        """The last runs of a schedule that were started, the oldest first; none was refused."""
        with grpc.insecure_channel(self.address) as channel:
            request = schedule_service_pb2.GetScheduleRequest(name=f"schedules/{schedule}")
            runs = ScheduleServiceStub(channel).GetSchedule(request, timeout=PATIENCE_SECONDS).schedule.last_runs
        assert [run.failure for run in runs if run.HasField("failure")] == []
        return [run for run in reversed(runs) if run.transfer]

    def transfers(self) -> list[Transfer]:
        """All transfers."""
        with grpc.insecure_channel(self.address) as channel:
            request = transfer_service_pb2.ListTransfersRequest(page_size=1000)
            return list(TransferServiceStub(channel).ListTransfers(request, timeout=PATIENCE_SECONDS).transfers)

    def is_quiet(self) -> bool:
        """Whether all transfers have succeeded."""
        return {one.state for one in self.transfers()} == {transfer_pb2.TRANSFER_STATE_SUCCEEDED}


@dataclass
class Site:
    """Files to share, and gateways that share them."""

    root: Path
    replicas: list[Replica] = field(default_factory=list)

    def replica(self, database: str = "") -> Replica:
        """One more gateway, started."""
        made = Replica(self.root, f"replica-{len(self.replicas)}", database)
        self.replicas.append(made)
        made.start()
        return made


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    for folder in ("lists", "customers"):
        (tmp_path / folder).mkdir()
    (tmp_path / "lists" / "gold.csv").write_text("email\nada@example.org\ngrace@example.org\n")
    (tmp_path / "customers" / "crosswalk.csv").write_text("email,customer\nada@example.org,1\ngrace@example.org,2\n")
    made = Site(tmp_path)
    yield made
    for replica in made.replicas:
        replica.stop(signal.SIGKILL)


def until(true: Callable[[], bool]) -> None:
    """Waits for a condition."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def due(run: ScheduledRun) -> datetime:
    return run.due_time.ToDatetime(UTC)


def test_an_audience_is_shared_again_and_again_until_the_schedule_is_paused(site):
    gateway = site.replica()
    created = gateway.cli("schedules", "create", "often", *SHARE, "--cron", "* * * * * *")
    assert len(created["next_run_times"]) == 5

    until(lambda: len(gateway.started("often")) >= 3)
    paused = gateway.cli("schedules", "pause", "often")
    until(gateway.is_quiet)

    assert (paused["paused"], paused["next_run_times"]) == (True, [])
    assert {one.schedule for one in gateway.transfers()} == {"schedules/often"}
    assert (site.root / "customers" / "gold.csv").read_text().split() == ["customer", "1", "2"]


def test_a_paused_schedule_can_be_run_now(site):
    gateway = site.replica()
    gateway.cli("schedules", "create", "yearly", *SHARE, "--cron", "0 0 1 1 *")
    gateway.cli("schedules", "pause", "yearly")

    run = gateway.cli("schedules", "run", "yearly")

    assert [one.name for one in gateway.transfers()] == [run["transfer"]]
    assert gateway.cli("schedules", "get", "yearly")["last_runs"] == [run]


@pytest.mark.slow
def test_after_a_kill_the_last_missed_run_is_made_up_for(site):
    gateway = site.replica()
    gateway.cli("schedules", "create", "often", *SHARE, "--cron", "*/5 * * * * *", "--catch-up", "latest")
    until(lambda: len(gateway.started("often")) >= 1)
    gateway.stop(signal.SIGKILL)
    killed = datetime.now(UTC)
    until(lambda: datetime.now(UTC) > killed + timedelta(seconds=12))
    started = datetime.now(UTC)
    gateway.start()

    until(lambda: due(gateway.started("often")[-1]) > killed)

    missed = [due(run) for run in gateway.started("often") if killed < due(run) < started]
    assert len(missed) <= 1
    assert all(started - one < timedelta(seconds=5) for one in missed)


@pytest.mark.slow
def test_two_gateways_start_each_run_once_and_one_goes_on_alone(site, postgres_url):
    one, other = site.replica(postgres_url), site.replica(postgres_url)
    one.cli("schedules", "create", "often", *SHARE, "--cron", "* * * * * *", "--overlap", "queue")
    until(lambda: len(other.started("often")) >= 4)
    one.stop(signal.SIGKILL)
    killed = datetime.now(UTC)

    until(lambda: due(other.started("often")[-1]) > killed)
    other.cli("schedules", "pause", "often")
    until(other.is_quiet)
    until(lambda: started_runs(postgres_url) == sorted(transfer.name for transfer in other.transfers()))


def started_runs(database: str) -> list[str]:
    """Names of the transfers of all runs, each as often as a run started it."""
    engine = connect(database)
    with engine.connect() as connection:
        query = sa.select(SCHEDULE_RUNS.c.transfer).where(SCHEDULE_RUNS.c.result == "started")
        found = sorted(f"transfers/{transfer}" for transfer in connection.execute(query).scalars())
    engine.dispose()
    return found
