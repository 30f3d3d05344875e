"""Reads a data file into a source (people-and-ids 8.2, 8.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from audience_gateway_sandbox.customer_attributes.attribute_sources import AttributeSource, SourceError
from audience_gateway_sandbox.customer_attributes.data_files import DataFile, DataFileError, read_data_file
from audience_gateway_sandbox.customer_attributes.tables import Report, Tables

_MOST_BYTES, _LEAST_BYTES = 4_000_000_000, 10_000_000
_LONGEST_IN_ANALYTICS = 255


def process(tables: Tables, source: AttributeSource, path: Path, now: datetime) -> Report:
    """Take a file in, whole or not at all, and tell what became of it."""
    if path.stat().st_size > _MOST_BYTES:
        return Report(state="failed", message="It is larger than 4 GB.")
    try:
        file = read_data_file(path.name, path.read_bytes())
        source.check(file)
    except (DataFileError, SourceError) as error:
        return Report(state="failed", message=str(error))
    if not source.columns:
        tables.keep(replace(source, columns=file.header))
    return _take(tables, source.alias_id, file, now)


def _take(tables: Tables, alias_id: str, file: DataFile, now: datetime) -> Report:
    names = file.header[1:]
    customers = {row[0]: dict(zip(names, row[1:], strict=True)) for row in file.rows}
    known = tables.known(alias_id, list(customers))
    tables.put(alias_id, customers.items(), now.isoformat())
    everybody = tables.customers(alias_id)
    return Report(
        state="processed",
        message="It is smaller than the 10 MB that an upload should have." if file.size < _LEAST_BYTES else "",
        records=len(file.rows),
        new=len(customers) - known,
        updated=known,
        all=everybody,
        sync_percent=round(100 * tables.aliased(alias_id) / everybody, 1) if everybody else 0.0,
        cut_in_analytics=sum(len(value) > _LONGEST_IN_ANALYTICS for row in file.rows for value in row[1:]),
    )
