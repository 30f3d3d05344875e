"""Which devices are in rows of several ids, as those of people who share them (rtcdp 10.5).

Rows are many, so that a database in a temporary file finds out, in bounded memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
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
from audience_gateway_rtcdp.files.statuses import Said

_MEMORY = "256MB"
_PEOPLE = "count(DISTINCT lower(trim(id)))"
SHARED = f"device IS NOT NULL GROUP BY device HAVING {_PEOPLE} > 1"
"""The end of an SQL condition on rows with `id` and `device`, of which it leaves the devices of several ids."""
_NOBODYS = pa.array([], pa.string())


async def shared_devices(folder: ExportFolder, parts: Sequence[Part], source: DataSource) -> pa.StringArray:
    """The devices that a full export has in rows of several ids; none, and nothing is read, if it has no devices.

    Raises what reading the rows raises.
    """
    with TemporaryDirectory(prefix="audience-gateway-rtcdp-") as directory, _Rows(Path(directory)) as rows:
        for part in parts:
            opened = await open_part(folder, part, source)
            if opened is None:
                continue
            if opened.columns.device is None:  # all files of an export have the same columns
                break
            async with aclosing(part_pages(folder, opened, None)) as pages:
                async for page in pages:
                    await asyncio.to_thread(rows.add, page.said)
        return await asyncio.to_thread(rows.shared)


def held_back(said: Said, shared: pa.StringArray) -> tuple[pa.StringArray, pa.StringArray]:
    """Ids and defects of rows, where those of a shared device have that as their defect, and no id."""
    if not len(shared):
        return said.ids, said.defects
    ambiguous = pc.and_(pc.is_valid(said.ids), pc.is_in(said.devices, value_set=shared))
    ids = pc.if_else(ambiguous, pa.scalar(None, pa.string()), said.ids)
    return ids, pc.if_else(ambiguous, pa.scalar(Reason.AMBIGUOUS_ID.value), said.defects)


class _Rows:
    """Rows that have an id and a device. A context manager: its database is closed when it is left."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "devices.duckdb"

    def __enter__(self) -> Self:
        self._database = duckdb.connect(self._path, config={"memory_limit": _MEMORY, "threads": 2})
        self._database.execute("CREATE TABLE row_read (id VARCHAR, device VARCHAR)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, said: Said) -> None:
        self._database.register("said", pa.table({"id": said.ids, "device": said.devices}))
        self._database.execute("INSERT INTO row_read FROM said WHERE id IS NOT NULL AND device IS NOT NULL")
        self._database.unregister("said")

    def shared(self) -> pa.StringArray:
        found = self._database.sql(f"SELECT device FROM row_read WHERE {SHARED}")  # noqa: S608  # text of ours
        return pa.concat_arrays([_NOBODYS, *found.to_arrow_table().column("device").chunks])
