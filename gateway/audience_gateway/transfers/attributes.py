"""Which attributes a transfer has: those that its destination wants, if its source has them."""

from __future__ import annotations

from collections.abc import Sequence

from audience_gateway.sdk import AttributeReader, AttributeWriter, ConfigError, Connector, MemberReplacer
from audience_gateway.transfers.chunk_files import ChunkFile
from audience_gateway.transfers.model import AudienceRef, ErasedRef, StreamRef, TransferMode, UndeliveredRef, UndoneRef
from audience_gateway.transfers.sources import earlier
from audience_gateway.transfers.task import Task


async def wanted_attributes(task: Task, writer: Connector) -> tuple[str, ...]:
    """The names of the attributes that members are delivered with.

    Raises ConfigError where the source does not have them.
    """
    if not isinstance(writer, AttributeWriter) or isinstance(writer, MemberReplacer):
        return ()
    if task.request.mode is TransferMode.REMOVE_ONLY:
        return ()
    names = tuple(await writer.wanted_attributes(task.request.destination.audience))
    if names and not await _has(task, names):
        raise ConfigError(
            f"its members are read without attributes, and the destination wants {_listed(names)}",
            place=str(task.request.source),
            remedy="Share from a connection that reads attributes; `connectors list` shows which do.",
        )
    return names


async def _has(task: Task, names: tuple[str, ...]) -> bool:
    match task.request.source:
        case AudienceRef() as source:
            async with task.connections.open(source.connection) as reader:
                if not isinstance(reader, AttributeReader):
                    return False
                await reader.check_attributes(source.audience, names)
                return True
        case UndeliveredRef(transfer):
            chunks = earlier(task, transfer).chunks("extract")
            return not chunks or ChunkFile.read(chunks[0]).attributes == names
        case StreamRef() | UndoneRef() | ErasedRef():
            return False


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
