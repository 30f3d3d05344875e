"""What exports of changes come to, one after the other: for each person the newest row counts (rtcdp 6.7).

Two rows are of one person if they have the same id of the first data source of which both have one. Rows are many, so
that a database in a temporary file puts them together, in bounded memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
from audience_gateway.sdk import MemberBatch, Reason

from audience_gateway_rtcdp.files.devices import shared_among
from audience_gateway_rtcdp.files.statuses import Said, id_names

_PAGE_ROWS = 100_000
_MEMORY = "256MB"
_CREATE = """
CREATE TABLE stated (
    {ids}, number BIGINT, export INTEGER, has_left BOOLEAN, qualified TIMESTAMPTZ, defect VARCHAR, opted_out BOOLEAN,
    device VARCHAR
);
CREATE TABLE overtaken (number BIGINT)
"""
_ADD = """
INSERT INTO stated BY NAME
SELECT * REPLACE (try_cast(qualified AS TIMESTAMPTZ) AS qualified) FROM said
"""
_PLACE = "{'export': export, 'qualified': coalesce(epoch_us(qualified), 0), 'number': number}"
_OVERTAKEN = """
INSERT INTO overtaken
SELECT number FROM (SELECT number, {id} AS id, {before} AS before, {place} AS place FROM stated) AS stated
SEMI JOIN (
    SELECT {id} AS id, {before} AS before, max({place}) AS place FROM stated WHERE {id} IS NOT NULL GROUP BY ALL
) AS newest
ON newest.id = stated.id AND newest.place > stated.place AND newest.before & stated.before = 0
"""
_SHARED = """
CREATE TABLE shared AS
SELECT device FROM stated ANTI JOIN overtaken USING (number) WHERE NOT has_left AND {shared}
"""
_MEMBERS = """
SELECT
    {ids},
    CASE WHEN old AND defect IS NULL THEN ? WHEN held THEN ? ELSE defect END AS defect,
    opted_out,
    known AND NOT old AND has_left AS leaves
FROM (
    SELECT
        *, {known} AS known, number IN (FROM overtaken) AS old,
        coalesce(NOT has_left AND device IN (FROM shared), false) AND {known} AS held
    FROM stated
)
WHERE number >= ? ORDER BY number
"""


class Statements:
    """What rows say of ids, one export after the other. A context manager: its files go when it is left."""

    def __init__(self, sources: int) -> None:
        self._ids = id_names(sources)
        self._directory = TemporaryDirectory(prefix="audience-gateway-rtcdp-")
        self._rows = 0

    def __enter__(self) -> Self:
        folder = Path(self._directory.name)
        self._database = duckdb.connect(folder / "stated.duckdb", config={"memory_limit": _MEMORY, "threads": 2})
        self._database.execute("SET TimeZone = 'UTC'")  # of times without an offset
        self._database.execute(_CREATE.format(ids=", ".join(f"{each} VARCHAR" for each in self._ids)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()
        self._directory.cleanup()

    async def add(self, export: int, said: Said) -> None:
        """Adds rows of an export; a later one has a higher number."""
        await asyncio.to_thread(self._add, export, said)

    async def members(self, after: int) -> AsyncGenerator[tuple[MemberBatch, Sequence[pa.StringArray]], None]:
        """All rows in their order, behind the first so many, with their ids of further data sources.

        A row that a newer one contradicts or repeats is `superseded`. Of the others, those of members are held back
        whose device is in rows of other members, too.
        """
        batches = await asyncio.to_thread(self._members, after)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            ids, *further = (batch.column(each) for each in self._ids)
            members = MemberBatch.of(
                ids,
                opted_out=batch.column("opted_out"),
                defects=batch.column("defect"),
                leaves=batch.column("leaves"),
            )
            yield members, further

    def _add(self, export: int, said: Said) -> None:
        rows = len(said)
        table = pa.table(
            {
                "number": pa.arange(self._rows, self._rows + rows),
                "export": pa.repeat(export, rows),
                **said.named_ids,
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
        for number, id_ in enumerate(self._ids):
            before = self._ids[:number]
            self._database.execute(_OVERTAKEN.format(id=id_, before=_present(before), place=_PLACE))
        self._database.execute(_SHARED.format(shared=shared_among(self._ids)))
        held = [Reason.SUPERSEDED.value, Reason.AMBIGUOUS_ID.value]
        known = " OR ".join(f"{each} IS NOT NULL" for each in self._ids)
        ids = ", ".join(f"CASE WHEN NOT old AND NOT held THEN {each} END AS {each}" for each in self._ids)
        found = self._database.sql(_MEMBERS.format(ids=ids, known=f"({known})"), params=[*held, after])
        yield from found.to_arrow_reader(_PAGE_ROWS)


def _present(ids: Sequence[str]) -> str:
    """A number with a bit for each of the ids that a row has."""
    return " + ".join(["0", *(f"CAST({each} IS NOT NULL AS INTEGER) * {1 << bit}" for bit, each in enumerate(ids))])
