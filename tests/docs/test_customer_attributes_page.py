"""The page about customer attributes, tried on the sandbox's attribute source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import DOCS, blocks
from processes import started
from shell import Shell

PAGE = DOCS / "how-to" / "upload-customer-attributes.md"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell whose gateway has the settings of the page, but that the account is the sandbox's."""
    lists = tmp_path / "lists"
    lists.mkdir()
    (csv,) = blocks(PAGE, "csv")
    (lists / "loyalty.csv").write_text(csv.text)
    (settings,) = blocks(PAGE, "toml")
    sandbox = ["sandbox", "--recipients", "100", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(sandbox, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        account = ready["buckets"]["customerAttributes"]
        text = settings.text.replace("sftp://loyalty@ftp.adobe.com/", account)
        config = tmp_path / "gateway.toml"
        config.write_text(text.replace('bucket_credentials = "adobe-sftp"\n', ""), encoding="utf-8")
        environment = {
            "AUDIENCE_GATEWAY__SERVER__ADDRESS": "127.0.0.1:0",
            "AUDIENCE_GATEWAY__STORAGE__STATE": str(tmp_path / "state"),
            "AUDIENCE_GATEWAY__CONNECTIONS__FILES__SETTINGS__BUCKET": f"file://{lists}",
            "ATTRIBUTES_PASSWORD": "not used here",
        }
        serve = ["serve", "--config", str(config)]
        with started(serve, tmp_path / "gateway.json", tmp_path / "gateway.log", environment) as gateway:
            environment = {"AUDIENCE_GATEWAY_ADDRESS": gateway["address"]}
            with Shell(tmp_path, {}, environment) as shell:
                yield shell


def test_two_customers_are_delivered_and_one_is_rejected_as_the_page_says(shell):
    check, share = blocks(PAGE, "sh")[0].text.splitlines()
    shell.output(check)
    receipt = json.loads(json.loads(shell.output(f"{share} --json"))["receipt"]["canonical_json"])
    transfer = json.loads(shell.output("audience-gateway transfers list --json"))[0]["name"]
    rejected = shell.output(f"audience-gateway transfers outcomes {transfer} --outcome rejected")

    assert {name: rows for name, rows in receipt["outcomes"].items() if rows} == {"delivered": 2, "rejected": 1}
    assert "NOT_AN_INTEGER" in rejected
