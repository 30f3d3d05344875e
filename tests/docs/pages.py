"""What is in the Markdown pages of the workspace: fenced blocks, links and headings."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        language: what stands behind the fence.
        text: its content.
        marker: text of the HTML comment right before it.
        where: page and line.
    """

    language: str
    text: str
    marker: str
    where: str


def pages() -> list[Path]:
    """All Markdown pages, also those that are not committed yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for line in listed.splitlines() if (path := ROOT / line).exists()]


def blocks(page: Path, language: str = "") -> list[Block]:
    """The fenced blocks of a page, in order; of one language only, if it is given."""
    found, marker = [], ""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            line = token.map[0] + 1 if token.map else 0
            found.append(Block(token.info.strip(), token.content, marker, f"{page.relative_to(ROOT)}:{line}"))
        comment = re.fullmatch(r"<!-- (.+) -->", token.content.strip()) if token.type == "html_block" else None
        marker = comment[1] if comment else ""
    return [block for block in found if language in {"", block.language}]


def links(page: Path) -> list[str]:
    """Targets of the links of a page."""
    inline = [token for token in MarkdownIt().parse(page.read_text(encoding="utf-8")) if token.type == "inline"]
    children = [child for token in inline for child in token.children or []]
    return [str(child.attrGet("href")) for child in children if child.type == "link_open"]


def anchors(page: Path) -> set[str]:
    """What a link may name behind `#`: headings in lower case, without punctuation, with hyphens for blanks."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
