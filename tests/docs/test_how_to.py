"""The how-to pages, tried on one sandbox with a gateway that has the settings of these pages."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from audience_gateway.plugins.loader import load
from audience_gateway.sdk import DataSource, Outcome
from pages import DOCS, Block, blocks
from processes import started
from shell import Shell

HOW_TO = DOCS / "how-to"
PASSWORD, TOKENS, DATA_SOURCES = blocks(HOW_TO / "connect-campaign.md", "toml")
(FILES,) = blocks(HOW_TO / "share-a-file.md", "toml")
(AS_IS,) = blocks(HOW_TO / "raise-the-match-rate.md", "toml")
(LINES,) = blocks(HOW_TO / "write-a-plugin.md", "toml")
CONNECTOR, ARRIVALS, STRATEGY = blocks(HOW_TO / "write-a-plugin.md", "python")


def install(site: Path, module: Block) -> None:
    """Installs the distribution of the plugin's page with that module, as pip would leave it."""
    (block,) = blocks(HOW_TO / "write-a-plugin.md", 'toml title="pyproject.toml"')
    project = tomllib.loads(block.text)["project"]
    ((name, target),) = project["entry-points"]["audience_gateway.plugins"].items()
    metadata = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    (metadata / "entry_points.txt").write_text(f"[audience_gateway.plugins]\n{name} = {target}\n")
    (site / f"{target}.py").write_text(module.text, encoding="utf-8")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[dict[str, Any]]:
    directory = tmp_path_factory.mktemp("sandbox")
    arguments = ["sandbox", "--recipients", "100", "--port", "0", "--state", str(directory / "state")]
    with started(arguments, directory / "ready.json", directory / "log") as ready:
        yield ready


@contextmanager
def gateway(directory: Path, sandbox: dict[str, Any], campaign: Block) -> Iterator[Shell]:
    """A shell whose gateway has the settings of the pages; addresses of the sandbox stand in the environment."""
    lists = directory / "lists"
    lists.mkdir()
    (csv,) = blocks(HOW_TO / "share-a-file.md", "csv")
    (lists / "newsletter.csv").write_text(csv.text)
    (lists / "newsletter.txt").write_text("ada@example.org\ngrace@example.org\n")
    install(directory / "site", CONNECTOR)
    config = directory / "gateway.toml"
    config.write_text(
        "\n".join(block.text for block in (campaign, DATA_SOURCES, FILES, AS_IS, LINES)), encoding="utf-8"
    )
    environment = {
        "AUDIENCE_GATEWAY__SERVER__ADDRESS": "127.0.0.1:0",
        "AUDIENCE_GATEWAY__STORAGE__STATE": str(directory / "state"),
        "AUDIENCE_GATEWAY__CONNECTIONS__CAMPAIGN__SETTINGS__URL": sandbox["campaign"]["url"],
        "AUDIENCE_GATEWAY__CONNECTIONS__FILES__SETTINGS__BUCKET": f"file://{lists}",
        "AUDIENCE_GATEWAY__CONNECTIONS__LINES__SETTINGS__BUCKET": f"file://{lists}",
        "CAMPAIGN_PASSWORD": sandbox["campaign"]["password"],
        "IMS_SECRET": sandbox["ims"]["client_secret"],
        "PYTHONPATH": str(directory / "site"),
    }
    if campaign is TOKENS:
        environment["AUDIENCE_GATEWAY__CREDENTIALS__IMS__SETTINGS__URL"] = sandbox["ims"]["url"]
    serve = ["serve", "--config", str(config)]
    with started(serve, directory / "gateway.json", directory / "gateway.log", environment) as ready:
        port = int(ready["address"].rpartition(":")[2])
        with Shell(directory, {50051: port}, {"AUDIENCE_GATEWAY_ADDRESS": ready["address"]}) as shell:
            yield shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory, sandbox) -> Iterator[Shell]:
    with gateway(tmp_path_factory.mktemp("gateway"), sandbox, PASSWORD) as shell:
        yield shell


@pytest.mark.parametrize(
    "page",
    [
        "connect-campaign",
        "share-a-file",
        "raise-the-match-rate",
        "schedule-sharing",
        "stream-members",
        "call-it-from-code",
        "write-a-plugin",
    ],
)
def test_commands_print_what_the_page_says(shell, page):
    shell.run(blocks(HOW_TO / f"{page}.md"))


def test_campaign_is_connected_with_tokens(tmp_path, sandbox):
    with gateway(tmp_path, sandbox, TOKENS) as shell:
        shell.run(blocks(HOW_TO / "connect-campaign.md"))


def test_the_client_shares_and_prints_each_outcome(shell):
    (client,) = blocks(HOW_TO / "call-it-from-code.md", "python")
    program = shell.translated(client.text)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "STAGE_RECEIPT TRANSFER_STATE_SUCCEEDED" in done.stdout
    outcomes = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("OUTCOME_")]
    assert outcomes == [f"OUTCOME_{outcome.name}" for outcome in Outcome]


def test_the_client_streams_members_and_is_told_which_are_none(shell):
    (client,) = blocks(HOW_TO / "stream-members.md", "python")
    program = shell.translated(client.text)

    done, again = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False) for _ in range(2)
    )

    assert done.returncode == 0, done.stderr
    *told, transfer = done.stdout.splitlines()
    assert told == ["chunk 2, row 0: placeholder_id", "chunk 3, row 0: no_id"]
    assert again.stdout.splitlines() == [transfer]


def test_a_share_is_undone_as_the_page_says(shell):
    shell.output("audience-gateway share files/newsletter.csv campaign/undone --data-source email")

    shell.run(blocks(HOW_TO / "undo-a-transfer.md"))

    [undo] = json.loads(shell.output("audience-gateway transfers list --limit 1 --json"))
    delivered = next(count for count in undo["outcomes"] if count["outcome"] == "OUTCOME_DELIVERED")
    assert (undo["mode"], undo["state"]) == ("TRANSFER_MODE_UNDO", "TRANSFER_STATE_SUCCEEDED")
    assert delivered["reasons"] == {"removed": delivered["rows"]}


def test_a_receipt_has_the_fields_that_the_page_explains(shell):
    page = HOW_TO / "what-a-receipt-says.md"
    (example,) = blocks(page, "json")
    shared = shell.output("audience-gateway share files/newsletter.csv campaign/receipts --data-source email --json")

    shell.run(blocks(page))

    receipt = json.loads(json.loads(shared)["receipt"]["canonical_json"])
    assert receipt.keys() == json.loads(example.text).keys()
    assert [name for name in receipt if f"`{name}`" not in page.read_text(encoding="utf-8")] == []


def test_the_strategy_is_loaded_and_tells_valid_ids(tmp_path, monkeypatch):
    install(tmp_path, STRATEGY)
    monkeypatch.syspath_prepend(str(tmp_path))
    (distribution,) = distributions(path=[str(tmp_path)])

    registry = load(distribution.entry_points)

    assert registry.failures == ()
    cards = DataSource(name="cards", id_type="loyalty_card")
    strategy = registry.reconcilers["loyalty_card"].value
    strategy.check(cards)
    normalised = strategy.normalise(pa.array([" 0123456789", "12", None]), cards, encoded=False)
    assert normalised.values.to_pylist() == ["0123456789", None, None]
    assert normalised.reasons.to_pylist() == [None, "invalid_id", "no_id"]
