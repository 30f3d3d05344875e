"""Reads rows of delimited text by Arrow's reader, where that is sure to find what careful reading finds."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from audience_gateway.sdk.outcomes import Reason
from audience_gateway.sdk.row_files.dialect import Dialect, Parsed, Rows
from audience_gateway.sdk.row_files.encoding import is_utf8
from audience_gateway.sdk.row_files.quoting import quoting_of

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_fast(data: bytes, dialect: Dialect, *, last: bool) -> Parsed | None:
    """Reads the rows that end in the block; None for a block that has to be read carefully.

    Sure is a block without NUL or escape, of valid UTF-8, without a row that is too long, in which every line is a row.
    """
    consumed = len(data) if last else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    if not consumed or b"\0" in data or data.startswith(_BYTE_ORDER_MARK):
        return None
    text = _with_line_feeds(data[:consumed]).lstrip(b"\n")
    if not text:
        return Parsed(Rows.none(len(dialect.wanted)), consumed)
    rows = _read_rows(text, dialect)
    if rows is None and b"\n\n" in text:
        rows = _read_rows(b"\n".join(line for line in text.split(b"\n") if line), dialect)
    return None if rows is None else Parsed(rows, consumed)


def _read_rows(text: bytes, dialect: Dialect) -> Rows | None:
    """The rows of the lines; None if that is not sure, or if not every line is a row, as a blank one is none."""
    if not is_utf8(text) or _has_long_line(text, dialect.max_row_bytes):
        return None
    if _ends_within_quotes(text, dialect) or quoting_of(dialect.quote, dialect.escape).may_be_in(text):
        return None
    return _parse(text, dialect)


def _parse(text: bytes, dialect: Dialect) -> Rows | None:
    """The rows of the lines; None if not every line is a row."""
    malformed: list[int] = []

    def note(row: Any) -> str:  # noqa: ANN401  # pyarrow ships no types
        malformed.append(row.number - 1)
        return "skip"

    names = dialect.names
    kept = [names[position] for position in dict.fromkeys(dialect.wanted)]
    table = csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
        parse_options=csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            invalid_row_handler=note,
            newlines_in_values=bool(dialect.quote),
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=kept,
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    if table.num_rows + len(malformed) != lines:
        return None
    columns = {name: _joined(table.column(name)) for name in kept}
    wanted = tuple(columns[names[position]] for position in dialect.wanted)
    return _with_malformed(wanted, malformed, lines)


def _with_malformed(columns: tuple[pa.StringArray, ...], malformed: list[int], lines: int) -> Rows:
    """Puts the lines that are no row between those that are."""
    if not malformed:
        return Rows.of(columns, pa.nulls(lines, pa.string()))
    bad = pc.is_in(pa.arange(0, lines), value_set=pa.array(malformed, pa.int64()))
    place = pc.subtract(pc.cumulative_sum(pc.cast(pc.invert(bad), pa.int64())), 1)
    place = pc.if_else(bad, pa.scalar(None, pa.int64()), place)
    reason = pc.if_else(bad, pa.scalar(Reason.MALFORMED_ROW.value), pa.scalar(None, pa.string()))
    return Rows.of(tuple(column.take(place) for column in columns), reason)


def _with_line_feeds(data: bytes) -> bytes:
    """The same lines, each ended by LF."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _has_long_line(text: bytes, limit: int) -> bool:
    position = 0
    while len(text) - position > limit:
        end = text.rfind(b"\n", position, position + limit + 1)
        if end < 0:
            return True
        position = end + 1
    return False


def _ends_within_quotes(text: bytes, dialect: Dialect) -> bool:
    """Whether a quote may be open at the end, which Arrow closes without a word."""
    start = text.rfind(b"\n", 0, len(text) - text.endswith(b"\n")) + 1
    return bool(dialect.quote) and text.count(dialect.quote.encode(), start) % 2 == 1


def _joined(column: pa.ChunkedArray) -> pa.StringArray:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([pa.array([], pa.string()), *column.chunks])
