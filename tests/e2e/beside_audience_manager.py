"""A sandbox and a gateway that shares with its Audience Manager, as processes of their own."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import COMMAND, started

from tests.e2e.waiting import until

DECLARED = 38889
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

[data_sources.email-sha256]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"
codec = "sha256"
aam_data_source_id = {declared}
"""


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

    def share(self, source: str, destination: str, data_source: str) -> tuple[str, dict[str, Any]]:
        """Shares, and answers the transfer's name and its receipt."""
        shared = self.cli("share", source, destination, "--data-source", data_source)
        return shared["transfer"]["name"], json.loads(shared["receipt"]["canonical_json"])

    def arrivals(self, transfer: str) -> dict[str, Any]:
        return {one["stage"]: one for one in self.cli("transfers", "show", transfer)["arrivals"]}

    def await_arrival(self, transfer: str, stage: str, *counted: str) -> dict[str, int]:
        """Waits until a stage is reached and these counts of it are known, and answers all its counts."""

        def arrived() -> bool:
            found = self.arrivals(transfer)[stage]
            return found["state"] == "ARRIVAL_STATE_REACHED" and set(counted) <= set(found.get("counts", {}))

        until(arrived)
        return {name: int(count) for name, count in self.arrivals(transfer)[stage]["counts"].items()}

    def advance(self, hours: float) -> None:
        """Moves the sandbox's clock."""
        post(self.sandbox, "clock", {"advance_seconds": hours * 3600})


def outcomes(receipt: dict[str, Any]) -> dict[str, int]:
    """How many rows ended in which outcome, those without rows left out."""
    return {name: rows for name, rows in receipt["outcomes"].items() if rows}


def post(sandbox: dict[str, Any], path: str, body: Any) -> Any:
    """Tells the sandbox's own addresses something."""
    return _call(sandbox, path, json.dumps(body).encode())


def get(sandbox: dict[str, Any], path: str) -> Any:
    """Asks the sandbox's own addresses."""
    return _call(sandbox, path, None)


def leave(sandbox: dict[str, Any], bucket: str, name: str, lines: Sequence[str]) -> None:
    """Leaves a file in a bucket, whole."""
    directory = Path(sandbox["buckets"][bucket].removeprefix("file://"))
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f".{name}.part").write_text("\n".join([*lines, ""]))
    (directory / f".{name}.part").rename(directory / name)


def history(sandbox: dict[str, Any], path: str) -> Any:
    """Asks Audience Manager's own interface what became of files."""
    return call_adobe(sandbox, f"/v1/{path}")


def call_adobe(sandbox: dict[str, Any], path: str, body: Any = None, method: str | None = None, **headers: str) -> Any:
    """Calls one of Adobe's own interfaces with a token."""
    ims = sandbox["ims"]
    form = {"grant_type": "client_credentials", "client_id": ims["client_id"], "client_secret": ims["client_secret"]}
    asked = urllib.parse.urlencode({**form, "scope": "openid,AdobeID"}).encode()
    with urllib.request.urlopen(f"{ims['url']}/ims/token/v3", asked, timeout=30) as response:
        token = json.load(response)["access_token"]
    headers |= {"Authorization": f"Bearer {token}", "x-api-key": ims["client_id"], "x-gw-ims-org-id": ims["org_id"]}
    sent = None if body is None else json.dumps(body).encode()
    headers |= {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{sandbox['admin']['url']}{path}", sent, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def _call(sandbox: dict[str, Any], path: str, body: bytes | None) -> Any:
    url = f"{sandbox['admin']['url']}/sandbox/{path}"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


@contextmanager
def started_gateway(directory: Path, sandbox: dict[str, Any], settings: str, **numbers: int) -> Iterator[Gateway]:
    """Runs a gateway by settings, whose places are filled with the sandbox's addresses and with numbers of objects."""
    config = directory / "gateway.toml"
    config.write_text(settings.format(directory=directory, declared=DECLARED, **numbers, **sandbox))
    environment = {
        "CAMPAIGN_PASSWORD": sandbox["campaign"]["password"],
        "IMS_SECRET": sandbox["ims"]["client_secret"],
    }
    serve = ["serve", "--config", str(config)]
    with started(serve, directory / "ready.json", directory / "gateway.log", environment) as ready:
        yield Gateway(directory, sandbox, ready["address"])
