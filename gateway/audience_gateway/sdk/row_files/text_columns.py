"""Columns of any type as text, and the rows that they make."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.outcomes import Reason
from audience_gateway.sdk.row_files.dialect import Rows
from audience_gateway.sdk.row_files.encoding import is_utf8


def as_text(column: pa.Array) -> pa.Array:
    """The column as strings, perhaps with invalid UTF-8. Raises ArrowException for a type without text form."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.string())


def sound_rows(columns: tuple[pa.StringArray, ...], max_row_bytes: int) -> Rows:
    """Rows of the columns; the first one holds the id. A null id is none, and no defect."""
    defects = pa.nulls(len(columns[0]), pa.string())
    too_large = pc.greater(pc.binary_length(columns[0]), max_row_bytes)
    for reason, bad in (
        (Reason.INVALID_ENCODING, _invalid_utf8(columns)),
        (Reason.ROW_TOO_LARGE, pc.fill_null(too_large, False)),
    ):
        if pc.any(bad).as_py():
            defects = pc.if_else(bad, pa.scalar(reason.value), defects)
            columns = tuple(pc.if_else(bad, pa.scalar(None, pa.string()), column) for column in columns)
    return Rows.of(columns, defects)


def _invalid_utf8(columns: tuple[pa.StringArray, ...]) -> pa.BooleanArray:
    """Which rows hold bytes that are no text: Parquet does not check what is declared as text."""
    bad = pa.repeat(pa.scalar(False), len(columns[0]))
    for column in columns:
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            values = column.cast(pa.binary()).to_pylist()
            bad = pc.or_(bad, pa.array([value is not None and not is_utf8(value) for value in values]))
    return bad
