"""Every page leads where it says, and shows settings that the gateway takes."""

from __future__ import annotations

import shlex
from itertools import takewhile
from pathlib import Path

import pytest
import typer
from audience_gateway.cli.main import app
from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.resolution import resolve
from audience_gateway.server import settings
from pages import DOCS, ROOT, anchors, blocks, links, pages

SETTINGS = [block for page in pages() for block in blocks(page, "toml") if block.marker != "needs the plugin"]
COMMANDS = [
    (f"{block.where}: {line}", line)
    for page in pages()
    for block in blocks(page, "sh")
    for line in block.text.splitlines()
    if line.startswith("audience-gateway ")
]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_a_file_and_a_heading(page: Path):
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if "://" not in link and (not target.exists() or (anchor and anchor not in anchors(target))):
            broken.append(link)

    assert broken == []


def test_the_table_of_contents_leads_to_every_page():
    listed = {(DOCS / link).resolve() for link in links(DOCS / "README.md")}
    covered = {page for page in pages() if DOCS in page.parents and ({page, page.parent} & listed)}

    assert [page for page in pages() if DOCS in page.parents and page not in covered] == [DOCS / "README.md"]


@pytest.mark.parametrize("block", SETTINGS, ids=lambda block: block.where)
def test_settings_on_a_page_are_taken(block, tmp_path):
    file = tmp_path / "gateway.toml"
    file.write_text(block.text, encoding="utf-8")

    loaded = settings.load(file)

    resolve(load(installed()), loaded.connections, loaded.credentials, loaded.data_sources)
    assert loaded.model_fields_set


@pytest.mark.parametrize("line", [line for _, line in COMMANDS], ids=[where for where, _ in COMMANDS])
def test_commands_on_a_page_are_understood(line: str):
    words = list(takewhile(lambda word: word != "|", shlex.split(line, comments=True)[1:]))
    command = typer.main.get_command(app)
    while hasattr(command, "get_command"):
        command = command.get_command(typer.Context(command), words.pop(0))

    command.make_context(command.name, words).close()
