"""The page on connecting Real-Time CDP, tried on the sandbox: a file becomes an external audience."""

from __future__ import annotations

import csv
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import DOCS, blocks
from processes import started
from shell import Shell

PAGE = DOCS / "how-to" / "connect-real-time-cdp.md"
CHECK, SHARE = blocks(PAGE, "sh")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, Any]]:
    arguments = ["sandbox", "--recipients", "100", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield ready


@pytest.fixture
def shell(tmp_path: Path, sandbox: dict[str, Any]) -> Iterator[Shell]:
    """A shell whose gateway has the settings of the page, with the sandbox's addresses and its landing zone."""
    lists = tmp_path / "lists"
    lists.mkdir()
    (people,) = blocks(DOCS / "how-to" / "share-a-file.md", "csv")
    (lists / "newsletter.csv").write_text(people.text, encoding="utf-8")
    text = blocks(PAGE, "toml")[0].text.replace('"S3"', '"DLZ"')
    config = tmp_path / "gateway.toml"
    config.write_text(
        "".join(line for line in text.splitlines(keepends=True) if "base_connection_id" not in line), encoding="utf-8"
    )
    prefix = "AUDIENCE_GATEWAY__CONNECTIONS__RTCDP__SETTINGS__"
    environment = {
        "AUDIENCE_GATEWAY__SERVER__ADDRESS": "127.0.0.1:0",
        "AUDIENCE_GATEWAY__STORAGE__STATE": str(tmp_path / "state"),
        "AUDIENCE_GATEWAY__CONNECTIONS__FILES__SETTINGS__BUCKET": lists.as_uri(),
        **{
            f"AUDIENCE_GATEWAY__CREDENTIALS__IMS__SETTINGS__{name.upper()}": sandbox["ims"][name]
            for name in ("url", "org_id", "client_id")
        },
        f"{prefix}URL": sandbox["platform"]["url"],
        f"{prefix}EXTERNAL__BUCKET": sandbox["platform"]["files"],
        "IMS_SECRET": sandbox["ims"]["client_secret"],
    }
    serve = ["serve", "--config", str(config)]
    with started(serve, tmp_path / "ready.json", tmp_path / "gateway.log", environment) as ready:
        address = {"AUDIENCE_GATEWAY_ADDRESS": ready["address"]}
        with Shell(tmp_path, {}, address) as shell:
            yield shell


def test_the_connection_works_as_the_page_says(shell):
    shell.run([each for each in blocks(PAGE) if each.language in {"sh", "text"}][:2])


def test_a_file_becomes_an_external_audience_and_every_row_has_an_outcome(shell, sandbox, tmp_path):
    shared = json.loads(shell.output(f"{SHARE.text.strip()} --json"))
    receipt = json.loads(shared["receipt"]["canonical_json"])
    listed = json.loads(shell.output("audience-gateway audiences list rtcdp --json"))
    outcomes = {name: rows for name, rows in receipt["outcomes"].items() if rows}

    assert outcomes == {"delivered": 5, "rejected": 1, "duplicate": 1}
    assert "connections/rtcdp/audiences/newsletter" in [each["name"] for each in listed]
    files = urllib.request.url2pathname(sandbox["platform"]["files"].removeprefix("file://"))
    with (Path(files) / "shared" / "newsletter.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert len(ids) == 5
    assert {"ada@example.org", "unheard-of@example.org"} <= set(ids)
