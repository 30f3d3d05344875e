"""The columns of the files of a transfer's workspace, with their DuckDB types."""

from __future__ import annotations

from collections.abc import Mapping

EXTRACTED = {"row": "BIGINT", "id": "VARCHAR", "opted_out": "BOOLEAN", "defect": "VARCHAR"}
"""extract/NNNNN.parquet: the rows as they were read."""
LEAVING = {"row": "BIGINT", "leaves": "BOOLEAN"}
"""More of extract/NNNNN.parquet, of chunks in which somebody leaves."""
NORMALISED = {"row": "BIGINT", "key": "UUID", "value": "VARCHAR", "opted_out": "BOOLEAN", "reason": "VARCHAR"}
"""normalised/NNNNN.parquet; `value` is null where records are reconciled."""
RANKED = {"row": "BIGINT", "rank": "TINYINT", "key": "UUID", "opted_out": "BOOLEAN", "reason": "VARCHAR"}
"""ranked/NNNNN.parquet, where rows have ids of several data sources: a line for each."""
SOURCES = {"row": "BIGINT", "source": "VARCHAR"}
"""sources/NNNNN.parquet: the data source that each row went by, where there are several."""
UNKNOWN = {"number": "BIGINT", "row": "BIGINT", "key": "UUID"}
"""unknown/*.parquet: rows whose ids no record has, and that are to get one; `number` counts from 0."""
INTENDED = {"row": "BIGINT", "reason": "VARCHAR"}
"""intended/NNNNN.parquet: `reason` is why no record is created, null where one is."""
CREATED = {"row": "BIGINT", "target": "VARCHAR", "reason": "VARCHAR"}
"""created/NNNNN.parquet: the record, or why there is none."""
DECIDED = {"row": "BIGINT", "reason": "VARCHAR"}
"""decided/*.parquet."""
MEMBERS = {"row": "BIGINT", "target": "VARCHAR", "target_key": "UUID"}
"""members/*.parquet; `target_key` is the key of a delivered id, null for a record."""
CLAIMED = {"row": "BIGINT", "target": "VARCHAR", "claims": "BIGINT"}
"""More of members/SS.parquet of records; `claims`: how many rows have found the record."""
COMPARED = {"position": "BIGINT", "row": "BIGINT", "target": "VARCHAR", "target_key": "UUID"}
"""compared/*.parquet; position counts joiners from 0 and is null for the others."""
LEAVERS = {"position": "BIGINT", "target": "VARCHAR", "target_key": "UUID", "certain": "BOOLEAN"}
"""leavers/*.parquet; position counts from 0."""
DEPARTING = {"row": "BIGINT", "position": "BIGINT", "target": "VARCHAR"}
"""departing/*.parquet; position is that of the leaver, and null for a member that the destination does not hold."""
DELTA = {"target": "VARCHAR", "target_key": "UUID", "added": "BOOLEAN", "opted_out": "BOOLEAN"}
"""delta.parquet; `opted_out` is of removed members who must not be shared."""
UNDONE = {"row": "BIGINT"} | DELTA
"""undone.parquet; `row` counts from 1."""
REFUSED = {"target": "VARCHAR", "code": "VARCHAR", "detail": "VARCHAR"}
"""refused/CHANGE-NNNNN.parquet: members that the destination refused."""
SUPPRESSED = {"key": "UUID", "reason": "VARCHAR", "detail": "VARCHAR"}
"""suppressed.parquet: of the keys that the transfer has met, those that must not be shared."""
WITHDRAWN = {"target": "VARCHAR", "reason": "VARCHAR", "detail": "VARCHAR", "arrived": "BOOLEAN"}
"""withdrawn/CHANGE-NNNNN.parquet: members that were not sent, since they were suppressed meanwhile; `arrived` is true
where an earlier attempt may have sent them."""
OUTCOMES = {"row": "BIGINT", "outcome": "VARCHAR", "reason": "VARCHAR", "detail": "VARCHAR"}
"""outcomes.parquet."""


def attributes_of_rows(number: int) -> Mapping[str, str]:
    """Columns of extract/NNNNN.parquet where so many attributes were read with the rows."""
    return {"row": "BIGINT"} | dict.fromkeys(attribute_names(number), "VARCHAR")


def attribute_names(number: int) -> list[str]:
    """Names of the columns of so many attributes: their own may be anything."""
    return [f"attribute_{index}" for index in range(number)]


def further_ids_of_rows(number: int) -> Mapping[str, str]:
    """Columns of extract/NNNNN.parquet where ids of so many further data sources were read with the rows."""
    return {"row": "BIGINT"} | dict.fromkeys(further_id_names(number), "VARCHAR")


def further_id_names(number: int) -> list[str]:
    """Names of the columns of ids of so many further data sources."""
    return [f"id_{index}" for index in range(1, number + 1)]


def digested(columns: Mapping[str, str], *, attributes: bool) -> Mapping[str, str]:
    """Columns of a file of members, which has a digest of their attributes if the transfer has attributes."""
    return {**columns, "attributes": "UUID"} if attributes else columns
