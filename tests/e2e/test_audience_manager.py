"""A list of Campaign's goes into Audience Manager, arrives there, and comes back, by hashed e-mail addresses."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from processes import COMMAND, started

DECLARED = 38889
MEMBERS = 20
SETTINGS = """
[server]
address = "127.0.0.1:0"
[storage]
state = "{directory}/state"
[arrivals]
poll_seconds = 1
answer_seconds = 1

[credentials.ims]
provider = "ims"
[credentials.ims.settings]
url = "{ims[url]}"
org_id = "{ims[org_id]}"
client_id = "{ims[client_id]}"
client_secrets = ["env:IMS_SECRET"]

[connections.aam]
connector = "audience_manager"
[connections.aam.settings]
url = "{audience_manager[url]}/v1"
credentials = "ims"
[connections.aam.settings.onboarding]
data_source_id = {declared}
merge_rule_data_source_id = {rule}
destination_id = {destination}
[connections.aam.settings.inbound]
bucket = "{buckets[audienceManagerInbound]}"
new_trait_hours = 0
[connections.aam.settings.outbound]
bucket = "{buckets[audienceManagerOutbound]}"

[connections.campaign]
connector = "campaign"
[connections.campaign.settings]
url = "{campaign[url]}"
user = "{campaign[user]}"
password = "env:CAMPAIGN_PASSWORD"

[connections.files]
connector = "files"
[connections.files.settings]
bucket = "file://{directory}/lists"
id_column = "email"

[data_sources.email]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"
[data_sources.email-sha256]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"
codec = "sha256"
aam_data_source_id = {declared}
aam_destination_id = {destination}
"""
PATIENCE_SECONDS = 30


@dataclass
class Gateway:
    """A gateway beside a sandbox."""

    directory: Path
    sandbox: dict[str, Any]
    address: str

    def cli(self, *arguments: str) -> Any:
        command = [COMMAND, "--address", self.address, *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def share(self, source: str, destination: str, data_source: str) -> tuple[str, dict[str, int]]:
        """Shares, and answers the transfer's name and how many rows ended in which outcome."""
        shared = self.cli("share", source, destination, "--data-source", data_source)
        receipt = json.loads(shared["receipt"]["canonical_json"])
        return shared["transfer"]["name"], {name: rows for name, rows in receipt["outcomes"].items() if rows}

    def arrivals(self, transfer: str) -> dict[str, Any]:
        return {one["stage"]: one for one in self.cli("transfers", "show", transfer)["arrivals"]}

    def advance(self, hours: int) -> None:
        """Moves the sandbox's clock."""
        post(self.sandbox, "clock", {"advance_seconds": hours * 3600})


def post(sandbox: dict[str, Any], path: str, body: Any) -> Any:
    url = f"{sandbox['admin']['url']}/sandbox/{path}"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def until(happened: Callable[[], bool]) -> None:
    """Waits for something to happen."""
    last = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < last
        time.sleep(0.2)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, Any]]:
    arguments = ["sandbox", "--recipients", "200", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield ready


@pytest.fixture
def gateway(tmp_path: Path, sandbox: dict[str, Any]) -> Iterator[Gateway]:
    rule = {
        "name": "All",
        "authenticated": "ALL_CROSS_DEVICE",
        "authenticatedSourceIds": [DECLARED],
        "device": "NO_DEVICE",
    }
    line = '<DP_UUID><TAB><SEGMENT_LIST; separator=",">'
    number = post(sandbox, "audience-manager/merge-rules", rule)["dataSourceId"]
    body = {"name": "Out", "dataSourceId": DECLARED, "lineTemplate": line}
    destination = post(sandbox, "audience-manager/destinations", body)["destinationId"]
    config = tmp_path / "gateway.toml"
    config.write_text(
        SETTINGS.format(directory=tmp_path, declared=DECLARED, rule=number, destination=destination, **sandbox)
    )
    environment = {
        "CAMPAIGN_PASSWORD": sandbox["campaign"]["password"],
        "IMS_SECRET": sandbox["ims"]["client_secret"],
    }
    serve = ["serve", "--config", str(config)]
    with started(serve, tmp_path / "ready.json", tmp_path / "gateway.log", environment) as ready:
        yield Gateway(tmp_path, sandbox, ready["address"])


@pytest.fixture
def people(tmp_path: Path, sandbox: dict[str, Any]) -> list[str]:
    """A file of recipients who may be written to, and their addresses."""
    query = f"""
        SELECT email FROM recipient WHERE blackList = 0 AND email LIKE '%@%' AND email = trim(lower(email))
        GROUP BY email HAVING count(*) = 1 LIMIT {MEMBERS}"""
    with closing(sqlite3.connect(f"file:{tmp_path / 'sandbox' / 'campaign.sqlite'}?mode=ro", uri=True)) as database:
        addresses = [address for (address,) in database.execute(query)]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "vip.csv").write_text("\n".join(["email", *addresses, ""]))
    return addresses


@pytest.mark.slow
def test_a_list_goes_into_audience_manager_arrives_and_comes_back(gateway: Gateway, people: list[str]) -> None:
    assert gateway.share("files/vip.csv", "campaign/vip", "email")[1] == {"delivered": MEMBERS}
    transfer, outcomes = gateway.share("campaign/vip", "aam/vip", "email-sha256")
    assert outcomes == {"delivered": MEMBERS}
    assert gateway.arrivals(transfer)["ingested"]["state"] == "ARRIVAL_STATE_PENDING"

    gateway.advance(12)
    until(lambda: gateway.arrivals(transfer)["ingested"]["state"] == "ARRIVAL_STATE_REACHED")
    counts = gateway.arrivals(transfer)["ingested"]["counts"]
    assert (counts["records_received"], counts["stored_records"]) == (str(MEMBERS), str(MEMBERS))
    gateway.advance(48)
    until(lambda: gateway.arrivals(transfer)["visible"]["state"] == "ARRIVAL_STATE_REACHED")

    gateway.advance(24)
    sizes = {one["name"]: one.get("size") for one in gateway.cli("audiences", "list", "aam")}
    assert sizes["connections/aam/audiences/vip"] == str(MEMBERS)
    assert gateway.share("aam/vip", "campaign/back", "email-sha256")[1] == {"delivered": MEMBERS}
    assert gateway.share("campaign/vip", "aam/vip", "email-sha256")[1] == {"unchanged": MEMBERS}
    log = (gateway.directory / "gateway.log").read_text()
    assert [address for address in people if address in log] == []
