r"""Data files as they were uploaded: `.csv`, `.csv.gz` or `.csv.zip`, with a header (people-and-ids 8.1).

A field with a comma, a line end or a quote is quoted; a quote inside is escaped by a backslash, and not doubled.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_PLAIN_END = re.compile(rb'[",\\\r\n]')
_QUOTED_END = re.compile(rb'["\\]')
_NAME = re.compile(r"(?P<base>[^\s/]+)\.csv(?P<packed>\.gz|\.zip)?")


class DataFileError(ValueError):
    """A file that cannot be read; the text says where and why, without what stands in it."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """What a file says.

    Attributes:
        header: names of its columns.
        rows: its rows, each with a value for each column; empty text is no value.
        size: bytes as uploaded.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    size: int


def base_of(name: str) -> str | None:
    """Tell what the `.fin` of a data file is called, without its ending; None for what is no data file."""
    match = _NAME.fullmatch(name)
    return match["base"] if match else None


def read_data_file(name: str, content: bytes) -> DataFile:
    """Read a file. Raises DataFileError with the first thing that is wrong."""
    records = list(_records(_unpacked(name, content)))
    if not records:
        raise DataFileError("It has no header.")
    header, *rows = records
    if len(set(header)) != len(header) or not all(header):
        raise DataFileError("Its header has an empty name, or one twice.")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise DataFileError(f"Row {number} has {len(row)} fields, and the header {len(header)}.")
        if not row[0]:
            raise DataFileError(f"Row {number} has no customer ID.")
    return DataFile(header, rows, len(content))


def _unpacked(name: str, content: bytes) -> bytes:
    try:
        if name.endswith(".gz"):
            return gzip.decompress(content)
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if len(archive.namelist()) != 1:
                    raise DataFileError("The archive does not have exactly one file.")
                return archive.read(archive.namelist()[0])
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
        raise DataFileError("It cannot be decompressed.") from None
    return content


def _records(data: bytes) -> Iterator[list[str]]:
    position, number = 0, 0
    while position < len(data):
        if data[position : position + 1] in b"\r\n":
            position += 1
            continue
        fields, position = _record(data, position, number)
        try:
            yield [field.decode() for field in fields]
        except UnicodeDecodeError:
            raise DataFileError(f"Row {number} is not UTF-8.") from None
        number += 1


def _record(data: bytes, position: int, number: int) -> tuple[list[bytes], int]:
    fields = []
    while True:
        read = _quoted if data.startswith(b'"', position) else _plain
        field, position = read(data, position, number)
        fields.append(field)
        if not data.startswith(b",", position):
            break
        position += 1
    if position < len(data) and data[position : position + 1] not in b"\r\n":
        raise DataFileError(f"Row {number} has a quote or a backslash that is not escaped by a backslash.")
    return fields, position


def _plain(data: bytes, position: int, _: int) -> tuple[bytes, int]:
    end = _PLAIN_END.search(data, position)
    stop = end.start() if end else len(data)
    return data[position:stop], stop


def _quoted(data: bytes, position: int, number: int) -> tuple[bytes, int]:
    parts = []
    position += 1
    while end := _QUOTED_END.search(data, position):
        parts.append(data[position : end.start()])
        if end[0] == b'"':
            return b"".join(parts), end.end()
        parts.append(data[end.end() : end.end() + 1])
        position = end.end() + 1
    raise DataFileError(f"Row {number} has a quote that is never closed.")
