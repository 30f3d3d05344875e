"""Erased ids as rows of a transfer: by their keys, for the ids are nowhere any more."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyarrow as pa

from audience_gateway.sdk import MemberBatch, MemberPage
from audience_gateway.storage.relations import literal
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.model import ErasedRef
from audience_gateway.transfers.task import Task


def erased_rows(task: Task) -> int:
    """How many there are."""
    with task.relations.session() as session:
        return int(session.rows(f"SELECT count(*) FROM ({_keys(task)})")[0][0])


async def erased_pages(task: Task, after: str | None) -> AsyncIterator[MemberPage]:
    """The keys as ids, in their order; the resume token is the last key."""
    while True:
        page = await in_background(_page, task, after or "")
        if page is None:
            return
        after = page.resume_token
        yield page


def _page(task: Task, after: str) -> MemberPage | None:
    behind = f"WHERE key > {literal(after)}" if after else ""
    with task.relations.session() as session:
        found = session.read(f"FROM ({_keys(task)}) {behind} ORDER BY key LIMIT {task.sizes.chunk_rows}")
    if not found.num_rows:
        return None
    keys = pa.concat_arrays(found.column("key").chunks)
    return MemberPage(MemberBatch.of(keys), keys[-1].as_py(), encoded=True)


def _keys(task: Task) -> str:
    source = task.request.source
    names = [f"{source.erasure}.parquet"] if isinstance(source, ErasedRef) else []
    changes = task.suppressions.changes(names)
    chosen = f"data_source = {literal(task.source.name)} AND held"
    return f"SELECT DISTINCT CAST(key AS VARCHAR) AS key FROM ({changes}) WHERE {chosen}"
