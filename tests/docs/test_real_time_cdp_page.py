"""The page on reading members from Real-Time CDP, tried on the sandbox: files of its audience, shared with a list."""

from __future__ import annotations

import json
import urllib.request

import pytest
from pages import DOCS, blocks
from processes import started
from shell import Shell

SETTINGS, INCREMENTAL, *_ = blocks(DOCS / "how-to" / "read-real-time-cdp.md", "toml")
EXAMPLE = "84cc4f1e-5d2c-4bd0-a1a1-0f0f4a8bb7b1"
CAMPAIGN, *_ = blocks(DOCS / "how-to" / "connect-campaign.md", "toml")


@pytest.fixture
def shared(tmp_path):
    """Shares the sandbox's audience by the page's command; answers rows of the receipt by reason."""
    state = ["sandbox", "--recipients", "100", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(state, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as sandbox:
        with urllib.request.urlopen(f"{sandbox['platform']['url']}/sandbox/platform/facts") as answer:
            audience = json.load(answer)["audience"]["id"]
        prefix = "AUDIENCE_GATEWAY__CONNECTIONS__RTCDP__SETTINGS__"
        environment = {
            "AUDIENCE_GATEWAY__SERVER__ADDRESS": "127.0.0.1:0",
            "AUDIENCE_GATEWAY__STORAGE__STATE": str(tmp_path / "state"),
            "AUDIENCE_GATEWAY__CONNECTIONS__CAMPAIGN__SETTINGS__URL": sandbox["campaign"]["url"],
            **{
                f"AUDIENCE_GATEWAY__CREDENTIALS__IMS__SETTINGS__{name.upper()}": sandbox["ims"][name]
                for name in ("url", "org_id", "client_id")
            },
            f"{prefix}URL": sandbox["platform"]["url"],
            f"{prefix}FILES__BUCKET": (tmp_path / "drops").as_uri(),
            f"{prefix}FILES__SETTLE_SECONDS": "0",
            "CAMPAIGN_PASSWORD": sandbox["campaign"]["password"],
            "IMS_SECRET": sandbox["ims"]["client_secret"],
        }
        config = tmp_path / "gateway.toml"

        def share(settings, files):
            for name, content in files.items():
                path = tmp_path / "drops" / name.format(audience)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            text = "\n".join([settings.replace(EXAMPLE, audience), CAMPAIGN.text])
            config.write_text(text, encoding="utf-8")
            serve = ["serve", "--config", str(config)]
            with started(serve, tmp_path / "ready.json", tmp_path / "gateway.log", environment) as ready:
                address = {"AUDIENCE_GATEWAY_ADDRESS": ready["address"]}
                with Shell(tmp_path, {50051: int(ready["address"].rpartition(":")[2])}, address) as shell:
                    command, *_ = blocks(DOCS / "how-to" / "read-real-time-cdp.md", "sh")
                    receipt = json.loads(shell.output(f"{command.text.replace(EXAMPLE, audience).strip()} --json"))
            counts = json.loads(receipt["receipt"]["canonical_json"])["reasons"]
            return {reason: rows for reasons in counts.values() for reason, rows in reasons.items() if rows}

        yield share


def test_members_are_read_by_the_settings_of_the_page(shared):
    name = "crm/in/Adobe_Campaign_{}_20260105_030000.csv"
    header = "personalEmail_address,segmentMembership_status"
    rows = shared(SETTINGS.text, {name: f"{header}\nnobody@example.org,realized\nnull,realized\nx\n"})
    assert rows == {"unknown_id": 1, "no_id": 1, "malformed_row": 1}


def test_changes_are_read_by_the_settings_of_the_page(shared):
    first, later = ("Adobe_Campaign_segment{}_2026010503" + seconds + ".csv" for seconds in ("0000", "0100"))
    header = "personalEmail_address,segmentMembership_status"
    files = {first: f"{header}\na@example.org,realized\n", later: f"{header}\na@example.org,exited\n"}
    sources = '[data_sources.email]\nid_type = "declared_id"\nreconciliation_key = "@email"\nrecipe = "email"\n'
    assert shared(f"{INCREMENTAL.text}\n{sources}", files) == {"superseded": 1, "left": 1}
