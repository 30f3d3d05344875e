"""Reads rows of delimited text one by one: whatever the bytes are, each row ends as a member or with a defect.

- A line end is LF, CR or CRLF; a blank line is no row.
- Within one line, a column may be quoted, with `""` for a quote, and an escape before a quote or before itself where
  there is one. A quote behind the beginning of a column is a character as any other, and so is what follows behind a
  closing quote.
- A quote that is not closed on its line may be closed on a later one, provided that what comes of it is a row with
  the right columns and nothing behind a closing quote. If not, the line is malformed, and the next line is read anew.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pyarrow as pa

from audience_gateway.sdk.outcomes import Reason
from audience_gateway.sdk.row_files.dialect import Dialect, Parsed, Rows
from audience_gateway.sdk.row_files.encoding import is_utf8
from audience_gateway.sdk.row_files.quoting import Quoting, quoting_of

_LINE = re.compile(rb"[^\r\n]+")
_LINE_ENDS = (b"\r", b"\n")

Fields = list[bytes]


class _IncompleteError(Exception):
    """The row may go on behind the end of the block."""


def read_carefully(data: bytes, dialect: Dialect, *, last: bool) -> Parsed:
    """Reads the rows that end in the block; `last` says whether the file ends with it.

    A block that is not the last one must be longer than twice the longest row.
    """
    rows = _Collected(dialect)
    position = 0
    while line := _LINE.search(data, position):
        start, end = line.span()
        ends_here = end < len(data) or last
        if not ends_here and end - start <= dialect.max_row_bytes:
            return Parsed(rows.finish(), start)
        if end - start > dialect.max_row_bytes:
            rows.add_defect(Reason.ROW_TOO_LARGE)
        else:
            try:
                end, fields = _read_row(data, start, end, dialect, last=last)
            except _IncompleteError:
                return Parsed(rows.finish(), start)
            rows.add(data[start:end], fields)
        position = end
        if not ends_here:
            return Parsed(rows.finish(), len(data), cut_off=True)
    return Parsed(rows.finish(), len(data))


class _Collected:
    """Rows as they are found."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._columns: tuple[list[bytes | None], ...] = tuple([] for _ in dialect.wanted)
        self._defects: list[str | None] = []

    def add(self, text: bytes, fields: Fields | None) -> None:
        """Adds a row, or its defect if it has one."""
        if not is_utf8(text):
            self.add_defect(Reason.INVALID_ENCODING)
        elif fields is None or len(fields) != self._dialect.columns or b"\0" in text:
            self.add_defect(Reason.MALFORMED_ROW)
        else:
            for column, wanted in zip(self._columns, self._dialect.wanted, strict=True):
                column.append(fields[wanted])
            self._defects.append(None)

    def add_defect(self, reason: Reason) -> None:
        """Adds a row that cannot be read."""
        for column in self._columns:
            column.append(None)
        self._defects.append(reason.value)

    def finish(self) -> Rows:
        """All rows so far, as columns."""
        columns = tuple(pa.array(column, pa.binary()).cast(pa.string()) for column in self._columns)
        return Rows.of(columns, pa.array(self._defects, pa.string()))


def fields_of(line: bytes, delimiter: bytes, quoting: Quoting) -> Fields | None:
    """The columns of one line, without quotes; None if a quote is not closed."""
    if not quoting.quote or quoting.quote not in line:
        return line.split(delimiter)
    fields: Fields = []
    position = 0
    while True:
        value = b""
        if line.startswith(quoting.quote, position):
            quoted = quoting.pattern.match(line, position)
            if quoted is None:
                return None
            value, position = quoting.value(quoted), quoted.end()
        end = line.find(delimiter, position)
        if end < 0:
            return [*fields, value + line[position:]]
        fields.append(value + line[position:end])
        position = end + len(delimiter)


def _read_row(data: bytes, start: int, end: int, dialect: Dialect, *, last: bool) -> tuple[int, Fields | None]:
    """Where the row ends that begins with this line, and its columns; None if the line is no row."""
    fields = fields_of(data[start:end], dialect.delimiter.encode(), quoting_of(dialect.quote, dialect.escape))
    if fields is not None:
        return end, fields
    return _over_lines(data, start, dialect, last=last) or (end, None)


def _over_lines(data: bytes, start: int, dialect: Dialect, *, last: bool) -> tuple[int, Fields] | None:
    """Where the row ends that begins here and goes on over line ends, and its columns; None if there is no such row."""
    delimiter, quoting = dialect.delimiter.encode(), quoting_of(dialect.quote, dialect.escape)
    limit = min(len(data), start + dialect.max_row_bytes)
    undecided = limit == len(data) and not last
    fields: Fields = []
    position = start
    while len(fields) < dialect.columns:
        quoted = data.startswith(quoting.quote, position)
        found = (quoting.pattern if quoted else _plain(delimiter, quoting.quote)).match(data, position, limit)
        if found is None or (found.end() == len(data) and undecided):
            if undecided:
                raise _IncompleteError
            return None
        fields.append(quoting.value(found) if quoted else found[0])
        position = found.end()
        if position == len(data) or data.startswith(_LINE_ENDS, position):
            return (position, fields) if len(fields) == dialect.columns else None
        if not data.startswith(delimiter, position):
            return None
        position += len(delimiter)
    return None


@lru_cache(maxsize=8)
def _plain(delimiter: bytes, quote: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"[^\r\n" + re.escape(quote + delimiter) + rb"]*")
