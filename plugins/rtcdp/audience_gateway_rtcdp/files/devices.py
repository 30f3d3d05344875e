"""Which devices are in rows of several people's ids, as those of people who share them (rtcdp 10.5).

Rows are many, so that a database in a temporary file finds out, in bounded memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import DataSource, Reason

from audience_gateway_rtcdp.files.exports import Part
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.parts import open_part, part_pages
from audience_gateway_rtcdp.files.statuses import Said, id_names

_MEMORY = "256MB"
_NOBODYS = pa.array([], pa.string())


def shared_among(ids: Sequence[str]) -> str:
    """The end of an SQL condition on rows with these columns of ids and `device`: it leaves devices of several people.

    One person's are rows that have no two ids of any data source, and have one of some data source in common. Of a row
    without ids nobody is told.
    """
    several = " OR ".join(f"count(DISTINCT lower(trim({each}))) > 1" for each in ids)
    apart = " AND ".join(f"count({each}) < count(*)" for each in ids)
    known = " OR ".join(f"{each} IS NOT NULL" for each in ids)
    return f"device IS NOT NULL AND ({known}) GROUP BY device HAVING {several} OR ({apart})"


async def shared_devices(folder: ExportFolder, parts: Sequence[Part], sources: Sequence[DataSource]) -> pa.StringArray:
    """The devices that a full export has in rows of several people; none, and nothing is read, if it has no devices.

    Raises what reading the rows raises.
    """
    names = id_names(len(sources))
    with TemporaryDirectory(prefix="audience-gateway-rtcdp-") as directory, _Rows(Path(directory), names) as rows:
        for part in parts:
            opened = await open_part(folder, part, sources)
            if opened is None:
                continue
            if opened.columns.device is None:  # all files of an export have the same columns
                break
            async with aclosing(part_pages(folder, opened, None)) as pages:
                async for page in pages:
                    await asyncio.to_thread(rows.add, page.said)
        return await asyncio.to_thread(rows.shared)


def held_back(said: Said, shared: pa.StringArray) -> Said:
    """The same, where rows of a shared device have that as their defect, and no ids."""
    if not len(shared):
        return said
    known = reduce(pc.or_, map(pc.is_valid, said.named_ids.values()))
    ambiguous = pc.and_(known, pc.is_in(said.devices, value_set=shared))
    ids, *further = (pc.if_else(ambiguous, pa.scalar(None, pa.string()), each) for each in said.named_ids.values())
    defects = pc.if_else(ambiguous, pa.scalar(Reason.AMBIGUOUS_ID.value), said.defects)
    return replace(said, ids=ids, further=tuple(further), defects=defects)


class _Rows:
    """Rows that have a device, with their ids. A context manager: its database is closed when it is left."""

    def __init__(self, directory: Path, ids: Sequence[str]) -> None:
        self._path = directory / "devices.duckdb"
        self._ids = ids

    def __enter__(self) -> Self:
        self._database = duckdb.connect(self._path, config={"memory_limit": _MEMORY, "threads": 2})
        columns = ", ".join(f"{each} VARCHAR" for each in self._ids)
        self._database.execute(f"CREATE TABLE row_read ({columns}, device VARCHAR)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, said: Said) -> None:
        self._database.register("said", pa.table({**said.named_ids, "device": said.devices}))
        self._database.execute("INSERT INTO row_read FROM said WHERE device IS NOT NULL")
        self._database.unregister("said")

    def shared(self) -> pa.StringArray:
        shared = shared_among(self._ids)
        found = self._database.sql(f"SELECT device FROM row_read WHERE {shared}")  # noqa: S608  # text of ours
        return pa.concat_arrays([_NOBODYS, *found.to_arrow_table().column("device").chunks])
