"""How the rows of one delimited file are to be read, and what was read of them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How rows are to be read.

    Attributes:
        delimiter: the character between columns.
        quote: the character around columns that need it; empty if there is none.
        escape: the character that stands before a quote, or before itself, within quotes; empty if there is none.
        columns: how many columns a row must have.
        wanted: positions of the columns to keep, from 0; the first one holds the id.
        max_row_bytes: bytes of the longest row, without its line end.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    columns: int
    wanted: tuple[int, ...]
    max_row_bytes: int

    @property
    def names(self) -> list[str]:
        """A name for each column."""
        return [f"column{position}" for position in range(self.columns)]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were read.

    Attributes:
        columns: the wanted columns, strings; null in rows with a defect.
        defects: the `Reason` why a row cannot be read; null if it can.
    """

    columns: tuple[pa.StringArray, ...]
    defects: pa.StringArray

    @classmethod
    def of(cls, columns: tuple[pa.StringArray, ...], defects: pa.StringArray) -> Rows:
        """Puts rows together; an empty id is none, as text has no other way to say that a person has no id."""
        empty = pc.fill_null(pc.equal(pc.binary_length(columns[0]), 0), False)
        if pc.any(empty).as_py():
            columns = (pc.if_else(empty, pa.scalar(None, pa.string()), columns[0]), *columns[1:])
        return cls(columns, defects)

    @classmethod
    def none(cls, columns: int) -> Rows:
        """No rows of so many columns."""
        return cls(tuple(pa.array([], pa.string()) for _ in range(columns)), pa.array([], pa.string()))

    def __len__(self) -> int:
        return len(self.defects)

    def slice(self, first: int, rows: int) -> Rows:
        """Some of the rows."""
        return Rows(tuple(column.slice(first, rows) for column in self.columns), self.defects.slice(first, rows))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was made of a block of a file.

    Attributes:
        rows: its rows.
        consumed: how many of its bytes they take; the next block begins behind them.
        cut_off: whether the last row is longer than the block and the rest of its line must be skipped.
    """

    rows: Rows
    consumed: int
    cut_off: bool = False
