"""Tables on stdout."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_table(columns: Iterable[str], rows: Iterable[Iterable[str]], *, title: str = "") -> None:
    """Prints rows under columns; a column whose name begins with `#` holds numbers."""
    table = new_table(title)
    for column in columns:
        add_column(table, column)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def new_table(title: str = "") -> Table:
    """A table in the style of all."""
    return Table(
        title=title or None, title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold"
    )


def add_column(table: Table, name: str) -> None:
    """Adds a column; one whose name begins with `#` is flush right, without the mark."""
    table.add_column(name.removeprefix("#"), justify="right" if name.startswith("#") else "left", overflow="fold")


def print_line(text: str) -> None:
    """Prints one line as it is."""
    Console().print(Text(text))
