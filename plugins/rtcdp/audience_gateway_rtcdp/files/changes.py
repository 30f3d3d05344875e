"""What exports of changes come to, one after the other: for each id the newest row counts (rtcdp 6.7).

Rows are many, so that a database in a temporary file puts them together, in bounded memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
from audience_gateway.sdk import MemberBatch, Reason

from audience_gateway_rtcdp.files.devices import SHARED
from audience_gateway_rtcdp.files.statuses import Said

_PAGE_ROWS = 100_000
_MEMORY = "256MB"
_CREATE = """
CREATE TABLE stated (
    number BIGINT, export INTEGER, id VARCHAR, has_left BOOLEAN, qualified TIMESTAMPTZ, defect VARCHAR,
    opted_out BOOLEAN, device VARCHAR
)
"""
_ADD = """
INSERT INTO stated
SELECT number, export, id, has_left, try_cast(qualified AS TIMESTAMPTZ), defect, opted_out, device FROM said
"""
_NEWEST = """
CREATE TABLE newest AS
SELECT max({'export': export, 'qualified': coalesce(epoch_us(qualified), 0), 'number': number}).number AS number
FROM stated WHERE id IS NOT NULL GROUP BY id
"""
_SHARED = f"CREATE TABLE shared AS SELECT device FROM stated JOIN newest USING (number) WHERE NOT has_left AND {SHARED}"  # noqa: S608  # text of ours
_MEMBERS = """
SELECT
    CASE WHEN newest.number IS NOT NULL AND NOT held THEN id END AS id,
    CASE WHEN defect IS NULL AND id IS NOT NULL AND newest.number IS NULL THEN ? WHEN held THEN ? ELSE defect END
        AS defect,
    opted_out,
    newest.number IS NOT NULL AND has_left AS leaves
FROM (
    SELECT *, coalesce(NOT has_left AND device IN (FROM shared), false) AND id IS NOT NULL AS held FROM stated
) AS stated LEFT JOIN newest USING (number)
WHERE number >= ? ORDER BY number
"""


class Statements:
    """What rows say of ids, one export after the other. A context manager: its files go when it is left."""

    def __init__(self) -> None:
        self._directory = TemporaryDirectory(prefix="audience-gateway-rtcdp-")
        self._rows = 0

    def __enter__(self) -> Self:
        folder = Path(self._directory.name)
        self._database = duckdb.connect(folder / "stated.duckdb", config={"memory_limit": _MEMORY, "threads": 2})
        self._database.execute("SET TimeZone = 'UTC'")  # of times without an offset
        self._database.execute(_CREATE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()
        self._directory.cleanup()

    async def add(self, export: int, said: Said) -> None:
        """Adds rows of an export; a later one has a higher number."""
        await asyncio.to_thread(self._add, export, said)

    async def members(self, after: int) -> AsyncGenerator[MemberBatch, None]:
        """All rows in their order, behind the first so many.

        A row that a newer one contradicts or repeats is `superseded`. Of the others, those of members are held back
        whose device is in rows of other members, too.
        """
        batches = await asyncio.to_thread(self._members, after)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield MemberBatch.of(
                batch.column("id"),
                opted_out=batch.column("opted_out"),
                defects=batch.column("defect"),
                leaves=batch.column("leaves"),
            )

    def _add(self, export: int, said: Said) -> None:
        rows = len(said)
        table = pa.table(
            {
                "number": pa.arange(self._rows, self._rows + rows),
                "export": pa.repeat(export, rows),
                "id": said.ids,
                "has_left": said.left,
                "qualified": said.qualified,
                "defect": said.defects,
                "opted_out": said.opted_out,
                "device": said.devices,
            }
        )
        self._database.register("said", table)
        self._database.execute(_ADD)
        self._database.unregister("said")
        self._rows += rows

    def _members(self, after: int) -> Iterator[pa.RecordBatch]:
        self._database.execute(_NEWEST)
        self._database.execute(_SHARED)
        held = [Reason.SUPERSEDED.value, Reason.AMBIGUOUS_ID.value]
        found = self._database.sql(_MEMBERS, params=[*held, after])
        yield from found.to_arrow_reader(_PAGE_ROWS)
