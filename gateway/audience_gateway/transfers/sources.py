"""What a transfer can read: an audience, a stream of members, or the undelivered rows of an earlier transfer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext

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


async def source_rows(task: Task) -> int | None:
    """Rows that the source is said to have; None if not known.

    Raises ConfigError where the source cannot be read, Permanent where it is missing.
    """
    match task.request.source:
        case AudienceRef() as audience:
            return await _audience_rows(task, audience)
        case StreamRef(stream):
            rows = await task.streams.rows(stream)
            if rows is None:
                raise Permanent("there is no such stream", place=str(task.request.source))
            return rows
        case UndeliveredRef(transfer):
            return undelivered_rows(earlier(task, transfer), task.relations)
        case UndoneRef(transfer):
            return await in_background(_take_over, task, transfer)
        case ErasedRef():
            return await in_background(erased_rows, task)


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
    taken = take_over(workspaces, transfer, task.workspace)
    check_undoable(workspaces, task.snapshots, transfer, taken)
    return taken.members if taken else 0


async def _audience_rows(task: Task, source: AudienceRef) -> int | None:
    async with task.connections.open(source.connection) as reader:
        if not isinstance(reader, MemberReader):
            raise ConfigError("the connector cannot read members", place=str(source))
        rows = await _listed_rows(reader, source) if isinstance(reader, AudienceCatalogue) else None
        await check_source(task, reader, source)
        if isinstance(reader, ChangeReader) and await reader.reads_changes(source.audience, task.source):
            _require_mode_of_changes(task, source)
            return None
        return rows


def _require_mode_of_changes(task: Task, source: AudienceRef) -> None:
    if not task.request.mode.takes_changes:
        raise ConfigError(
            "what is read of it is not its members, but who has joined and left",
            place=str(source),
            remedy="Share in mode `delta`, or have the connection read the audience in full.",
        )


async def _listed_rows(catalogue: AudienceCatalogue, source: AudienceRef) -> int | None:
    audience = await catalogue.get_audience(source.audience)
    if audience is None:
        raise Permanent("there is no such audience", place=str(source), remedy="`audiences list` shows what there is.")
    if not audience.readable:
        raise ConfigError("members of this audience cannot be read", place=str(source))
    return audience.size
