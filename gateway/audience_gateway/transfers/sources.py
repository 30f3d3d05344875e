"""What a transfer can read: an audience, a stream of members, or the undelivered rows of an earlier transfer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from audience_gateway.sdk import (
    AudienceCatalogue,
    ChangeReader,
    ConfigError,
    MemberPage,
    MemberReader,
    Permanent,
    ReadRequest,
)
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.erased import erased_pages, erased_rows
from audience_gateway.transfers.model import AudienceRef, ErasedRef, StreamRef, UndeliveredRef, UndoneRef
from audience_gateway.transfers.several_sources import check_source
from audience_gateway.transfers.task import Task
from audience_gateway.transfers.undelivered import undelivered_pages, undelivered_rows
from audience_gateway.transfers.undo import check_undoable, take_over, undone_pages
from audience_gateway.transfers.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Listed:
    """What is said of a source.

    Attributes:
        rows: how many rows it has; None if not known.
        refreshed: when its members were last found out; None if not known.
    """

    rows: int | None
    refreshed: datetime | None = None


async def look_at_source(task: Task) -> Listed:
    """What is said of the source.

    Raises ConfigError where the source cannot be read, Permanent where it is missing.
    """
    match task.request.source:
        case AudienceRef() as audience:
            return await _look_at_audience(task, audience)
        case StreamRef(stream):
            rows = await task.streams.rows(stream)
            if rows is None:
                raise Permanent("there is no such stream", place=str(task.request.source))
            return Listed(rows)
        case UndeliveredRef(transfer):
            return Listed(undelivered_rows(earlier(task, transfer), task.relations))
        case UndoneRef(transfer):
            return Listed(await in_background(_take_over, task, transfer))
        case ErasedRef():
            return Listed(await in_background(erased_rows, task))


async def open_source(
    task: Task, stack: AsyncExitStack, after: str | None, attributes: tuple[str, ...]
) -> AsyncIterator[MemberPage]:
    """The source's pages behind a resume token, with these attributes; what they need stays open on the stack."""
    match task.request.source:
        case AudienceRef() as source:
            reader = await stack.enter_async_context(task.connections.open(source.connection))
            if not isinstance(reader, MemberReader):
                raise Permanent("the connector cannot read members", place=str(source))
            return reader.read_members(
                ReadRequest(
                    audience=source.audience,
                    source=task.source,
                    after=after,
                    attributes=attributes,
                    further=tuple(way.source for way in task.further),
                )
            )
        case StreamRef(stream):
            return task.streams.pages(stream, after)
        case UndeliveredRef(transfer):
            rows = task.sizes.chunk_rows
            further = task.request.further_data_sources
            return undelivered_pages(earlier(task, transfer), task.relations, rows, after, attributes, further=further)
        case UndoneRef():
            return undone_pages(task.workspace, task.relations, task.sizes.chunk_rows, after)
        case ErasedRef():
            return erased_pages(task, after)


def source_turn(task: Task) -> AbstractAsyncContextManager[None]:
    """A turn to read one page of the source."""
    source = task.request.source
    return task.turns.turn(source.connection) if isinstance(source, AudienceRef) else nullcontext()


def earlier(task: Task, transfer: str) -> Workspace:
    """The workspace of an earlier transfer."""
    return Workspace(task.workspace.root.parent / transfer)


def _take_over(task: Task, transfer: str) -> int:
    workspaces = task.workspace.root.parent
    taken = take_over(workspaces, transfer, task.workspace, task.relations)
    check_undoable(workspaces, task.snapshots, transfer, taken)
    return taken.members if taken else 0


async def _look_at_audience(task: Task, source: AudienceRef) -> Listed:
    async with task.connections.open(source.connection) as reader:
        if not isinstance(reader, MemberReader):
            raise ConfigError("the connector cannot read members", place=str(source))
        listed = await _listed(reader, source) if isinstance(reader, AudienceCatalogue) else Listed(None)
        await check_source(task, reader, source)
        if isinstance(reader, ChangeReader) and await reader.reads_changes(source.audience, task.source):
            _require_mode_of_changes(task, source)
            return replace(listed, rows=None)
        return listed


def _require_mode_of_changes(task: Task, source: AudienceRef) -> None:
    if not task.request.mode.takes_changes:
        raise ConfigError(
            "what is read of it is not its members, but who has joined and left",
            place=str(source),
            remedy="Share in mode `delta`, or have the connection read the audience in full.",
        )


async def _listed(catalogue: AudienceCatalogue, source: AudienceRef) -> Listed:
    audience = await catalogue.get_audience(source.audience)
    if audience is None:
        raise Permanent("there is no such audience", place=str(source), remedy="`audiences list` shows what there is.")
    if not audience.readable:
        raise ConfigError("members of this audience cannot be read", place=str(source))
    return Listed(audience.size, audience.refreshed)
