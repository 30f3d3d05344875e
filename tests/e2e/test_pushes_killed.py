"""A gateway that is killed right after it has acknowledged a push: the push is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.storage.database import connect
from processes import COMMAND

SETTINGS = """
[server]
address = "127.0.0.1:0"
[storage]
state = "{state}"
[receiver]
address = "127.0.0.1:0"
[connections.rtcdp]
connector = "rtcdp"
[connections.rtcdp.settings]
credentials = "ims"
[connections.rtcdp.settings.receiver]
audiences = ["gold"]
tokens = ["env:PUSH_TOKEN"]
"""
MEMBERSHIP = {"status": "realized", "lastQualificationTime": "2026-01-05T12:00:00Z"}
PROFILE = {
    "segmentMembership": {"ups": {"gold": MEMBERSHIP}},
    "identityMap": {"ecid": [{"id": "1" * 38}]},
}


def test_what_was_acknowledged_outlives_the_gateway(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text(SETTINGS.format(state=tmp_path / "state"), encoding="utf-8")
    ready, log = tmp_path / "ready.json", tmp_path / "gateway.log"
    command = [COMMAND, "serve", "--config", tmp_path / "gateway.toml", "--ready-file", ready]
    with log.open("wb") as output:
        environment = {**os.environ, "PUSH_TOKEN": "good"}
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        address = receiver_of(ready, process, log)
        headers = {"Authorization": "Bearer good", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{address}/pushes/rtcdp", json.dumps(PROFILE).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            process.send_signal(signal.SIGKILL)
            assert json.load(answer) == {"rows": {"stored": 1}}
    finally:
        process.kill()
        process.wait()
    database = connect(f"sqlite:///{tmp_path / 'state' / 'gateway.db'}")
    page = PushLedger(database).page("rtcdp", "gold", "ecid", "", 10)
    database.dispose()
    assert (page.ids.to_pylist(), page.are_members.to_pylist()) == (["1" * 38], [True])


def receiver_of(ready: Path, process: subprocess.Popen[Any], log: Path) -> str:
    """Where the gateway takes pushes, once it does."""
    deadline = time.monotonic() + 60
    while not ready.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    return str(json.loads(ready.read_text(encoding="utf-8"))["receiver"])
