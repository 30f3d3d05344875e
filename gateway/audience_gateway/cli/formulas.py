"""Texts that spreadsheets would take for formulas, made harmless: CSV files are opened by people.

A cell that begins with `=`, `+`, `-` or `@`, also in its full-width form, or with a tab or a carriage return, is a
formula to some spreadsheet (OWASP, "CSV Injection"). So is what follows a quote or a separator within a text, because
that ends the cell where the separator is another one than that of the file.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_BEGINNING = r"""((?:^|[,;|\t\r\n"'])[ ]*)([=+\-@＝＋－＠])"""  # noqa: RUF001  # full-width on purpose
_WHITE_SPACE = r"^[\t\r\n]"


def without_formulas(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows, with an apostrophe before all that a spreadsheet might take for the beginning of a formula."""
    columns = [_harmless(column) if pa.types.is_string(column.type) else column for column in rows.columns]
    return pa.record_batch(columns, schema=rows.schema)


def _harmless(texts: pa.StringArray) -> pa.StringArray:
    marked = pc.replace_substring_regex(texts, _BEGINNING, r"\1'\2")
    return pc.if_else(
        pc.match_substring_regex(marked, _WHITE_SPACE), pc.binary_join_element_wise("'", marked, ""), marked
    )
