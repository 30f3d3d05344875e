"""Whether records may be created for ids that the destination does not know: found out before anything is read."""

from __future__ import annotations

from audience_gateway.sdk import ConfigError, Connector, RecordCreator, RecordNaming
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.task import Task


def check_creation(task: Task, writer: Connector, *, reconciles: bool) -> None:
    """Raises ConfigError if the transfer asks for records to be created and they cannot be."""
    if not task.request.create_unknown_records:
        return
    destination = str(task.request.destination)
    if task.request.mode is TransferMode.REMOVE_ONLY:
        raise ConfigError(
            "records are to be created, and the mode `remove_only` adds nobody",
            place=destination,
            remedy="Share in another mode, or without creating records.",
        )
    if not reconciles or not isinstance(writer, RecordCreator):
        raise ConfigError(
            "its connection does not create records" if reconciles else "it takes ids as they are and has no records",
            place=destination,
            remedy="Share without creating records; `connectors list` shows by `create_records` which ones can.",
        )
    if task.further:
        raise ConfigError(
            "records are to be created, and that is done by ids of one data source",
            place=destination,
            remedy="Name one data source, or share without creating records.",
        )
    if not isinstance(task.strategy, RecordNaming):
        raise ConfigError(
            f"ids of the type `{task.source.id_type}` do not make a record of a person",
            place=f"data_sources.{task.source.name}",
            remedy="Name a data source of declared ids, or share without creating records.",
        )
    task.strategy.check_naming(task.source)
    writer.check_creation(task.source)
