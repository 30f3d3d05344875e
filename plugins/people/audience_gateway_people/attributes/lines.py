r"""Writes lines of data files, whole columns at a time (people-and-ids 8.1).

A quote within a value is escaped by a backslash and not doubled, as CSV has it elsewhere; a backslash by another one,
which is an assumption. A value with either, with a comma or a line end is quoted. No value is written as nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

_SPECIAL = r'[",\\\r\n]'


def data_lines(columns: Sequence[pa.StringArray]) -> bytes:
    """One line a row in UTF-8, each with its line end. The columns are of one length; null is no value."""
    fields = [_fields(column.cast(pa.large_string())) for column in columns]
    rest = [pa.scalar(",", pa.large_string()), pa.scalar("", pa.large_string())]
    lines = pc.binary_join_element_wise(*fields, rest[0])
    ended = pc.binary_join_element_wise(lines, pa.scalar("\n", pa.large_string()), rest[1])
    whole = pa.LargeListArray.from_arrays(pa.array([0, len(ended)], pa.int64()), ended)
    return bytes(pc.binary_join(whole, rest[1])[0].as_buffer())


def _fields(column: pa.LargeStringArray) -> pa.LargeStringArray:
    column = pc.fill_null(column, "")
    special = pc.match_substring_regex(column, _SPECIAL)
    if not pc.any(special).as_py():
        return column
    escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    quote, nothing = pa.scalar('"', pa.large_string()), pa.scalar("", pa.large_string())
    return pc.if_else(special, pc.binary_join_element_wise(quote, escaped, quote, nothing), column)
