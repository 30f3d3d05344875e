"""Writes the reference pages from what they are about: protos, hook specifications, settings models, reasons.

usage: reference.py DIRECTORY
"""

from __future__ import annotations

import sys
from pathlib import Path

import api_page
import errors_page
import hooks_page
import outcomes_page
import settings_page

_PAGES = {
    "api.md": api_page.text,
    "errors.md": errors_page.text,
    "hooks.md": hooks_page.text,
    "outcomes.md": outcomes_page.text,
    "settings.md": settings_page.text,
}


def main() -> None:
    """Writes every page."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in _PAGES.items():
        (directory / name).write_text(text().rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
