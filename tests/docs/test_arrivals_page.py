"""The page on following a delivery, run with an inbox for the destination whose part the test plays."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from audience_gateway.sdk import EventKind
from audience_gateway.server.settings import ArrivalSettings
from audience_gateway.transfers.arrivals import ArrivalState
from pages import DOCS, blocks
from processes import started
from shell import Shell

from tests import slow_inbox

PAGE = DOCS / "how-to" / "follow-a-delivery.md"
SETTINGS = """
[connections.people]
connector = "inbox"
[connections.people.settings]
bucket = "file://{directory}/inbox"

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
PATIENCE_SECONDS = 30


@dataclass
class Reader:
    """Somebody who reads the page, and the directory of the system."""

    shell: Shell
    inbox: Path

    def ingest(self) -> None:
        """The system reads the files, and the gateway gets to know it."""
        (written,) = self.inbox.glob("*/add-00000")
        written.with_name("add-00000.done").write_text(str(len(written.read_text().split())))
        last = time.monotonic() + PATIENCE_SECONDS
        while "stored_records" not in self.shell.output("audience-gateway transfers list --json"):
            assert time.monotonic() < last
            time.sleep(0.2)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "newsletter.csv").write_text(blocks(DOCS / "how-to" / "share-a-file.md", "csv")[0].text)
    slow_inbox.install(tmp_path / "site")
    config = tmp_path / "gateway.toml"
    config.write_text(SETTINGS.format(directory=tmp_path))
    environment = {
        "AUDIENCE_GATEWAY__SERVER__ADDRESS": "127.0.0.1:0",
        "AUDIENCE_GATEWAY__STORAGE__STATE": str(tmp_path / "state"),
        "AUDIENCE_GATEWAY__ARRIVALS__POLL_SECONDS": "1",
        "PYTHONPATH": str(tmp_path / "site"),
    }
    serve = ["serve", "--config", str(config)]
    with started(serve, tmp_path / "gateway.json", tmp_path / "gateway.log", environment) as ready:
        address = {"AUDIENCE_GATEWAY_ADDRESS": ready["address"]}
        with Shell(tmp_path, {}, address) as shell:
            yield Reader(shell, tmp_path / "inbox")


def test_commands_print_what_the_page_says(reader: Reader) -> None:
    share, shared, show, shown = (block for block in blocks(PAGE) if block.language in {"sh", "text"})

    reader.shell.run([share, shared])
    reader.ingest()
    reader.shell.run([show, shown])


def test_every_state_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert explained == [state.value for state in ArrivalState]


def test_settings_on_the_page_are_the_defaults() -> None:
    (block,) = blocks(PAGE, "toml")
    assert ArrivalSettings(**tomllib.loads(block.text)["arrivals"]) == ArrivalSettings()


def test_log_events_on_the_page_are_those_of_plugins() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for kind in (EventKind.ARRIVAL_OVERDUE, EventKind.ARRIVAL_FAILED):
        assert f"`{kind.replace('_', ' ')}`" in text
