"""Data access, `/data/foundation/export`: the files of a batch (rtcdp 1.6)."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from audience_gateway.sdk import Permanent
from audience_gateway.sdk.rest import Query

from audience_gateway_rtcdp.platform import Object, Platform

_PATH = "/data/foundation/export"
_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a batch: its id, the path of the part that holds the rows, and bytes."""

    id: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class DataAccess:
    """Lists and fetches files. Every method raises what a call raises.

    Attributes:
        platform: the sandbox.
    """

    platform: Platform

    async def files(self, batch: str) -> list[DataFile]:
        """The files of a batch with all their parts, ordered by id and path."""
        found: list[DataFile] = []
        for entry in await self._all(f"{_PATH}/batches/{quote(batch, safe='')}/files"):
            id_ = str(entry.get("dataSetFileId", ""))
            parts = await self._all(f"{_PATH}/files/{quote(id_, safe='')}")
            found += [DataFile(id_, str(part.get("name", "")), int(str(part.get("length", 0)))) for part in parts]
        return sorted(found, key=lambda file: (file.id, file.path))

    async def fetch(self, file: DataFile, to: Path) -> None:
        """Writes the bytes of a file. Raises Permanent if there are fewer or more than it was said to have."""
        path = f"{_PATH}/files/{quote(file.id, safe='')}"
        size = 0
        with to.open("wb") as target:
            async with aclosing(self.platform.caller.download(path, query=[("path", file.path)])) as pieces:
                async for piece in pieces:
                    size += len(piece)
                    await asyncio.to_thread(target.write, piece)
        if size != file.size:
            raise Permanent(
                f"a file of a dataset has {size} bytes and was said to have {file.size}",
                place=self.platform.place,
                remedy="Share again.",
            )

    async def _all(self, path: str) -> list[Object]:
        """The entries of a list; a page says how many entries it may have, and the next one begins behind them."""
        found: list[Object] = []
        for _ in range(_MOST_PAGES):
            query: Query = [("start", str(len(found)))] if found else []
            answer = self.platform.object((await self.platform.caller.call("GET", path, query=query)).content)
            entries, page = answer.get("data"), answer.get("_page")
            if not isinstance(entries, list):
                raise Permanent("found an answer that is no list of files", place=self.platform.place)
            found += [self.platform.object(entry) for entry in entries]
            limit = page.get("limit") if isinstance(page, dict) else None
            if not entries or not isinstance(limit, int) or len(entries) < limit:
                return found
        raise Permanent("a list of files has no end", place=self.platform.place)
