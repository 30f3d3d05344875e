"""Reads lines of data files, whole columns at a time where nothing is quoted (people-and-ids 8.1).

A row that cannot be read has a defect and no values. A line that is no row does not take the next one with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

MALFORMED = "MALFORMED"
FIELD_COUNT = "FIELD_COUNT"
ENCODING = "ENCODING"
DEFECTS = {
    MALFORMED: 'a quote or a backslash is not escaped by a backslash within "quotes"',
    FIELD_COUNT: "the row has another number of columns than the header",
    ENCODING: "the row is not UTF-8",
}
"""What each defect means."""

LONGEST_ROW = 1024 * 1024
"""Bytes; a longer row is malformed."""

_QUOTED = rb'"(?:[^"\\]|\\.)*+"'
_FIELD = rb"(?:" + _QUOTED + rb'|[^",\\\r\n]*+)'
_ROW = re.compile(_FIELD + rb"(?:," + _FIELD + rb")*+(?=[\r\n]|\Z)", re.DOTALL)
_NEXT_FIELD = re.compile(rb"(?:\A|,)(" + _FIELD + rb")", re.DOTALL)
_LINE_ENDS = re.compile(rb"[\r\n]+")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)

Fields = list[bytes]


@dataclass(frozen=True, slots=True)
class DataRows:
    """Some rows of a data file.

    Attributes:
        columns: a string column for each of the file; null for no value, and in rows with a defect.
        defects: string column: why a row cannot be read, see `DEFECTS`; null if it can.
        consumed: bytes that the rows take; what follows belongs to the next ones.
    """

    columns: tuple[pa.StringArray, ...]
    defects: pa.StringArray
    consumed: int


def read_rows(data: bytes, columns: int, *, last: bool) -> DataRows:
    """The rows that end in the data; `last` says whether the file ends with it. Blank lines are no rows."""
    if b'"' in data or b"\\" in data:
        return _one_by_one(data, columns, last=last)
    consumed = len(data) if last else data.rfind(b"\n") + 1
    if not consumed and len(data) > LONGEST_ROW:
        return _one_by_one(data, columns, last=last)
    return _by_column(data[:consumed], columns)


def first_row(data: bytes, *, last: bool) -> tuple[list[str], int] | None:
    """The header, and how many bytes it takes; None if it does not end in the data or cannot be read."""
    match = _ROW.match(data)
    if match is None or (match.end() == len(data) and not last):
        return None
    try:
        return [field.decode() for field in _split(match[0])], match.end()
    except UnicodeDecodeError:
        return None


def _by_column(data: bytes, columns: int) -> DataRows:
    lines = (
        pc.split_pattern_regex(pa.array([data], pa.binary()), r"[\r\n]+").values if data else pa.array([], pa.binary())
    )
    lines = lines.filter(pc.greater(pc.binary_length(lines), 0))
    fields = pc.split_pattern(lines, ",")
    counted = pc.equal(pc.list_value_length(fields), columns)
    encoded = pa.array(_are_utf8(lines), pa.bool_())
    sound = pc.and_(counted, encoded)
    flat = fields.filter(sound).flatten().cast(pa.string())
    rows = len(flat) // columns
    positions = pa.arange(0, rows)
    found = [_spread(flat.take(pc.add(pc.multiply(positions, columns), column)), sound) for column in range(columns)]
    defects = pc.if_else(sound, pa.scalar(None, pa.string()), pc.if_else(encoded, FIELD_COUNT, ENCODING))
    return DataRows(tuple(found), defects, len(data))


def _spread(values: pa.StringArray, mask: pa.BooleanArray) -> pa.StringArray:
    null = pa.scalar(None, pa.string())
    values = pc.if_else(pc.equal(values, ""), null, values)
    return pc.replace_with_mask(pa.nulls(len(mask), pa.string()), mask, values)


def _are_utf8(lines: pa.BinaryArray) -> list[bool]:
    try:
        lines.cast(pa.string())
    except pa.ArrowInvalid:
        return [_is_utf8(line) for line in lines.to_pylist()]
    return [True] * len(lines)


def _one_by_one(data: bytes, columns: int, *, last: bool) -> DataRows:
    rows: list[Fields] = []
    defects: list[str | None] = []
    position = 0
    while position < len(data):
        if ends := _LINE_ENDS.match(data, position):
            position = ends.end()
            continue
        match = _ROW.match(data, position)
        unfinished = match is None or match.end() == len(data)
        if unfinished and not last and len(data) - position <= LONGEST_ROW:
            break
        if match is None or match.end() - position > LONGEST_ROW:
            position = _line_end(data, position)
            rows.append([b""] * columns)
            defects.append(MALFORMED)
            continue
        fields, defect = _judged(match[0], columns)
        rows.append(fields)
        defects.append(defect)
        position = match.end()
    found = zip(*rows, strict=True) if rows else ([] for _ in range(columns))
    return DataRows(tuple(_column(values) for values in found), pa.array(defects, pa.string()), position)


def _judged(row: bytes, columns: int) -> tuple[Fields, str | None]:
    fields = _split(row)
    if not _is_utf8(row):
        return [b""] * columns, ENCODING
    if len(fields) != columns:
        return [b""] * columns, FIELD_COUNT
    return fields, None


def _split(row: bytes) -> Fields:
    return [_value(field) for field in _NEXT_FIELD.findall(row)]


def _value(field: bytes) -> bytes:
    return _ESCAPED.sub(rb"\1", field[1:-1]) if field.startswith(b'"') else field


def _column(values: Sequence[bytes]) -> pa.StringArray:
    return pa.array([value.decode() if value else None for value in values], pa.string())


def _line_end(data: bytes, position: int) -> int:
    found = _LINE_ENDS.search(data, position)
    return found.start() if found else len(data)


def _is_utf8(text: bytes | None) -> bool:
    try:
        (text or b"").decode()
    except UnicodeDecodeError:
        return False
    return True
