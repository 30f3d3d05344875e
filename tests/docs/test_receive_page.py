"""The page on pushes of Real-Time CDP, tried on the sandbox: its streaming destination pushes to a gateway."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.storage.database import connect
from pages import DOCS, blocks
from processes import started
from shell import Shell

PAGE = DOCS / "how-to" / "receive-from-real-time-cdp.md"
EXAMPLE, TOKEN = "84cc4f1e-5d2c-4bd0-a1a1-0f0f4a8bb7b1", "a-token-of-the-test"
FLOWS = "/data/foundation/flowservice"
TIMES = {"includeSegmentTimestamps": "true"}


@dataclass
class Platform:
    """The sandbox's platform as its people use it."""

    ready: dict[str, Any]

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> Any:
        ims = self.ready["ims"]
        form = f"grant_type=client_credentials&client_id={ims['client_id']}&client_secret={ims['client_secret']}"
        with urllib.request.urlopen(f"{ims['url']}/ims/token/v3", form.encode(), timeout=30) as answer:
            token = json.load(answer)["access_token"]
        headers |= {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"x-api-key": ims["client_id"], "x-gw-ims-org-id": ims["org_id"]}
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.ready["platform"]["url"] + path, sent, headers, method=verb)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def fact(self) -> dict[str, Any]:
        """What the sandbox says of its audience."""
        with urllib.request.urlopen(f"{self.ready['platform']['url']}/sandbox/platform/facts", timeout=30) as answer:
            return json.load(answer)

    def activate(self, audience: str, endpoint: str) -> None:
        """Activates an audience to a new streaming destination."""
        specs = self.call("GET", f"{FLOWS}/connectionSpecs")["items"]
        spec = {"id": next(each["id"] for each in specs if each["name"] == "HTTP API"), "version": "1.0"}
        made = {"name": "push", "connectionSpec": spec}
        auth = {"specName": "Bearer", "params": {"token": TOKEN}}
        base = self.call("POST", f"{FLOWS}/connections", made | {"auth": auth})["id"]
        source = self.call("POST", f"{FLOWS}/sourceConnections", made | {"data": {}, "params": {}})["id"]
        params = {"endpoint": endpoint} | TIMES
        about = made | {"baseConnectionId": base, "data": {}, "params": params}
        target = self.call("POST", f"{FLOWS}/targetConnections", about)["id"]
        selectors = {
            "segmentSelectors": {"selectors": [{"type": "PLATFORM_SEGMENT", "value": {"id": audience}}]},
            "profileSelectors": {"selectors": []},
        }
        flow = {"name": "push", "sourceConnectionIds": [source], "targetConnectionIds": [target]}
        self.call("POST", f"{FLOWS}/flows", flow | {"transformations": [{"name": "General", "params": selectors}]})

    def let_leave(self, email: str, audience: str) -> None:
        """Lets somebody leave the audience, and has it evaluated."""
        inlet_spec = {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"}
        params = {"sourceId": "s", "dataType": "xdm", "name": "s"}
        body = {"name": "inlet", "connectionSpec": inlet_spec, "auth": {"specName": "Streaming Connection"}}
        body["auth"]["params"] = params
        inlet = self.call("POST", f"{FLOWS}/connections", body)["id"]
        schema = {"id": "https://ns.adobe.com/example/schemas/1", "contentType": "application/vnd.adobe.xed-full+json"}
        header = {"schemaRef": schema, "imsOrgId": self.ready["ims"]["org_id"], "datasetId": "d"}
        entity = {"identityMap": {"Email": [{"id": email, "primary": True}]}, "loyalty": {"tier": "left"}}
        self.call("POST", f"/collection/{inlet}", {"header": header, "body": {"xdmEntity": entity}})
        self.call("POST", "/data/core/ups/segment/jobs", [{"segmentId": audience}])


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    arguments = ["sandbox", "--recipients", "100", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield Platform(ready)


def settled(ask: Callable[[], Any], wanted: Any) -> Any:
    """What is answered once it is as wanted, or at last."""
    for _ in range(200):
        if (found := ask()) == wanted:
            break
        time.sleep(0.05)
    return found


def test_members_that_the_platform_pushes_are_shared_as_the_page_says(tmp_path: Path, platform: Platform) -> None:
    audience = (fact := platform.fact())["audience"]["id"]
    prefix, ims = "AUDIENCE_GATEWAY__CONNECTIONS__RTCDP__SETTINGS__", platform.ready["ims"]
    environment = {
        "AUDIENCE_GATEWAY__SERVER__ADDRESS": "127.0.0.1:0",
        "AUDIENCE_GATEWAY__RECEIVER__METRICS_ADDRESS": "127.0.0.1:0",
        "AUDIENCE_GATEWAY__STORAGE__STATE": str(tmp_path / "state"),
        "AUDIENCE_GATEWAY__CONNECTIONS__FILES__SETTINGS__BUCKET": (tmp_path / "lists").as_uri(),
        **{
            f"AUDIENCE_GATEWAY__CREDENTIALS__IMS__SETTINGS__{name.upper()}": ims[name]
            for name in ("url", "org_id", "client_id")
        },
        f"{prefix}URL": platform.ready["platform"]["url"],
        "IMS_SECRET": ims["client_secret"],
        "PUSH_TOKEN": TOKEN,
    }
    (tmp_path / "lists").mkdir()
    text = blocks(PAGE, "toml")[0].text.replace(EXAMPLE, audience).replace("0.0.0.0:8443", "127.0.0.1:0")
    lines = [line for line in text.splitlines() if not line.startswith(("certificate", "key"))]
    lines.insert(lines.index("[connections.rtcdp.settings.receiver]") + 1, "backfill_seconds = 0")
    (tmp_path / "gateway.toml").write_text("\n".join(lines), encoding="utf-8")
    check, schedule = blocks(PAGE, "sh")
    (answer,) = blocks(PAGE, "text")
    ledger = PushLedger(connect(f"sqlite:///{tmp_path / 'state' / 'gateway.db'}"))
    serve = ["serve", "--config", str(tmp_path / "gateway.toml")]
    with (
        started(serve, tmp_path / "ready.json", tmp_path / "gateway.log", environment) as ready,
        Shell(tmp_path, {}, {"AUDIENCE_GATEWAY_ADDRESS": ready["address"]}) as shell,
    ):

        def pushed() -> dict[str, int]:
            return {fate.value: rows for fate, rows in ledger.counts("rtcdp").items() if rows}

        def share() -> dict[str, int]:
            command = f"audience-gateway share rtcdp/{audience} files/gold.csv --data-source email --json"
            account = json.loads(json.loads(shell.output(command))["receipt"]["canonical_json"])
            counts = {reason: rows for each in account["reasons"].values() for reason, rows in each.items() if rows}
            return counts | {"removed": account["removals"]["removed"]}

        platform.activate(audience, f"http://{ready['receiver']}/pushes/rtcdp")
        members, known = fact["days"][-1]["realized"], fact["days"][-1]["with_email"]
        first = {"stored": known} | ({"without_id": members - known} if members > known else {})
        assert settled(pushed, first) == first
        shell.run([check, answer])
        with urllib.request.urlopen(f"http://{ready['metrics']}/metrics", timeout=30) as page:
            told = page.read().decode().splitlines()
        for fate, rows in first.items():
            assert f'audience_gateway_pushed_rows_total{{connection="rtcdp",fate="{fate}"}} {rows}' in told
        assert set(re.findall(r"`(audience_gateway_\w+)`", PAGE.read_text(encoding="utf-8"))) == {
            re.split("[{ ]", line)[0] for line in told if not line.startswith("#")
        }
        shell.output(schedule.text.replace(EXAMPLE, audience))
        assert share() == {"added": known, "removed": 0}
        platform.let_leave(one := next(iter(emails(tmp_path / "lists" / "gold.csv"))), audience)
        assert settled(lambda: pushed()["stored"], known + 1) == known + 1
        assert share() == {"already_member": known - 1, "left": 1, "removed": 1}
        assert one not in emails(tmp_path / "lists" / "gold.csv")
        log = (tmp_path / "gateway.log").read_text(encoding="utf-8")
        assert TOKEN not in log
        assert one not in log


def emails(path: Path) -> set[str]:
    """The ids in a list."""
    return {line.strip() for line in path.read_text(encoding="utf-8").splitlines() if "@" in line}
