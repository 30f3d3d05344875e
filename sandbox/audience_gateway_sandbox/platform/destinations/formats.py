"""How exported files are written: CSV with its options, JSON lines, Parquet (rtcdp 6.5)."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway_sandbox.platform.wire import Refusal

_DELIMITERS = frozenset({",", ":", "|", ";", "\t"})
_ENCODINGS = frozenset({"UTF-8", "UTF-16"})
_FASTEST = 1
_NOTHING = ("", "\0", "\\0", "\\u0000")
"""What stands for no quoting."""
Kind = Literal["CSV", "JSON", "PARQUET"]
Rows = Sequence[tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        kind: CSV, JSON (one object a line) or PARQUET.
        compressed: with gzip.
        delimiter: between two cells.
        quote: around cells that need it; empty for no quoting.
        escape: before a quote in a cell.
        null: stands for no value.
        empty: stands for an empty text.
        quote_all: all cells are quoted.
        encoding: of text.
        newline: between two rows.
    """

    kind: Kind = "CSV"
    compressed: bool = False
    delimiter: str = ","
    quote: str = '"'
    escape: str = "\\"
    null: str = ""
    empty: str = '""'
    quote_all: bool = False
    encoding: str = "UTF-8"
    newline: str = "\n"

    @property
    def suffix(self) -> str:
        """How names of files end."""
        return f".{self.kind.lower()}{'.gz' if self.compressed else ''}"

    def file(self, headers: Sequence[str], rows: Rows) -> bytes:
        """Write a file; the cells of CSV come as `cell_sql` makes them, one text a row."""
        content = self._content(headers, rows)
        return gzip.compress(content, compresslevel=_FASTEST, mtime=0) if self.compressed else content

    def row_sql(self, names: Sequence[str], headers: Sequence[str]) -> tuple[str, list[str]]:
        """Make SQL that turns a row of columns into what `file` takes, and its parameters.

        CSV and JSON are put together by the database, so that no row passes through Python cell by cell.
        """
        if self.kind == "PARQUET":
            return ", ".join(names), []
        if self.kind == "JSON":
            pairs = ", ".join(f"?, {name}" for name in names)
            return f"json_object({pairs})", list(headers)
        cells = [self._cell_sql(name) for name in names]
        joined = " || ? || ".join(sql for sql, _ in cells)
        parameters = [value for _, values in cells for value in (*values, self.delimiter)]
        return joined, parameters[:-1]

    def _content(self, headers: Sequence[str], rows: Rows) -> bytes:
        if self.kind == "PARQUET":
            columns = list(zip(*rows, strict=True)) or [()] * len(headers)
            table = pa.table(
                {header: pa.array(column, pa.string()) for header, column in zip(headers, columns, strict=True)}
            )
            written = BytesIO()
            pq.write_table(table, written)
            return written.getvalue()
        lines = [row[0] or "" for row in rows]
        first = [self.delimiter.join(map(self._header, headers))] if self.kind == "CSV" else []
        text = "".join(f"{line}{self.newline}" for line in (*first, *lines))
        return text.encode(self.encoding)

    def _header(self, name: str) -> str:
        special = self.delimiter in name or self.quote_all
        return f"{self.quote}{name}{self.quote}" if special else name

    def _cell_sql(self, name: str) -> tuple[str, list[str]]:
        if not self.quote:
            return f"CASE WHEN {name} IS NULL THEN ? WHEN {name} = '' THEN ? ELSE {name} END", [self.null, self.empty]
        # Cells with the escape are quoted too, so that no reader takes it for one.
        special = " OR ".join([f"instr({name}, ?)"] * 3 + [f"instr({name}, char(10))", f"instr({name}, char(13))", "?"])
        quoted = f"? || replace(replace({name}, ?, ?), ?, ?) || ?"
        sql = f"CASE WHEN {name} IS NULL THEN ? WHEN {name} = '' THEN ? WHEN {special} THEN {quoted} ELSE {name} END"
        escaped = (self.escape, self.escape * 2, self.quote, self.escape + self.quote)
        asked: list[Any] = [self.null, self.empty, self.delimiter, self.quote, self.escape, int(self.quote_all)]
        return sql, [*asked, self.quote, *escaped, self.quote]


def format_of(params: Mapping[str, Any]) -> Format:
    """Read the format off the parameters of a target connection. Raises Refusal for what is not documented."""
    kind = str(params.get("fileType") or params.get("format") or "CSV").upper()
    compression = str(params.get("compression") or "NONE").upper()
    if kind not in {"CSV", "JSON", "PARQUET"} or compression not in {"NONE", "GZIP"}:
        raise Refusal(400, "The fileType must be CSV, JSON or PARQUET, the compression NONE or GZIP.")
    options = params.get("csvOptions") or {}
    if not isinstance(options, Mapping):
        raise Refusal(400, "csvOptions must be an object.")
    quote = str(options.get("quote", '"'))
    made = Format(
        kind=kind,  # type: ignore[arg-type]  # checked above
        compressed=compression == "GZIP",
        delimiter=str(options.get("delimiter", ",")).replace("\\t", "\t"),
        quote="" if quote in _NOTHING else quote,
        escape=str(options.get("escape", "\\")),
        null=str(options.get("nullValue", "")),
        empty=str(options.get("emptyValue", '""')),
        quote_all=options.get("quoteAll") in {True, "true"},
        encoding=str(options.get("encoding", "UTF-8")).upper(),
        newline=str(options.get("lineSeparator", "\n")),
    )
    if made.delimiter not in _DELIMITERS or made.encoding not in _ENCODINGS or len(made.newline) != 1:
        raise Refusal(400, "csvOptions have a delimiter, an encoding or a line separator that is not documented.")
    return made
