"""Lines of ID synchronization files (audience-manager 3.7)."""

from __future__ import annotations

from audience_gateway_sandbox.audience_manager.inbound.lines import BadLine, text_of
from audience_gateway_sandbox.audience_manager.inbound.names import IdSyncFile, IdSyncKind

_MOST_HASHES = 10


def read_id_sync_line(raw: bytes, file: IdSyncFile) -> tuple[str, ...]:
    """Read the ids of a line: column by column of the file's data sources; of hashed e-mails there may be more.

    Raises BadLine with what is wrong.
    """
    text = text_of(raw)
    if text.endswith(("\t", " ")):
        raise BadLine("it ends with a tab or a blank")
    ids = tuple(text.split("\t"))
    columns = len(file.data_source_ids)
    most = 1 + _MOST_HASHES if file.kind is IdSyncKind.HASHED_EMAILS else columns
    if not columns <= len(ids) <= max(most, columns):
        raise BadLine(f"it has not the {columns} columns that the file's name tells")
    if not all(id_.strip() for id_ in ids):
        raise BadLine("an id is empty")
    return ids
