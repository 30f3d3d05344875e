"""What is in the columns of a file that is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a file.

    Attributes:
        column: name of the column of ids.
        said: names of further columns and the text that each has in every row.
        header: whether delimited text begins with the names.
        delimiter: the character between columns, which values that hold it are quoted for; None for that of the format.
    """

    column: str
    said: tuple[tuple[str, str], ...] = ()
    header: bool = True
    delimiter: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return self.column, *(name for name, _ in self.said)
