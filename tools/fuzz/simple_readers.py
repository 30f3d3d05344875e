"""Lines read one by one, as simply as can be: what reading in columns is held against."""

from __future__ import annotations

import re
from typing import TypeAlias

from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncKind, IdSyncName
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES, InboundLine, RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_names import Mode
from audience_gateway.sdk.audience_manager.inbound_statements import LineKind
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate

Row: TypeAlias = "tuple[str | None, bool, bool, str | None]"
"""Id, whether it is added, whether it is removed, and the defect."""

_MOST_HASHES = 10


def split_lines(data: bytes) -> list[bytes]:
    """Lines without their ends."""
    if not data:
        return []
    return [line.removesuffix(b"\r") for line in data.removesuffix(b"\n").split(b"\n")]


def read_inbound(line: bytes, trait: int, kind: LineKind) -> Row:
    """What a line of an inbound file says of a trait."""
    text = _text(line)
    if text is None or not line:
        return None, False, False, _defect(line)
    overwrite = kind.mode is Mode.OVERWRITE
    parsed = InboundLine.parse(
        f"{text}\r", uuid_source=kind.uuid_source, overwrite=overwrite, oracle_data_cloud=kind.oracle_data_cloud
    )
    if parsed is None:
        return None, False, False, "malformed_row"
    said = [
        item for item in parsed.items if item == RealiseTrait(trait) or (item == RemoveTrait(trait) and not overwrite)
    ]
    added = bool(said) and isinstance(said[-1], RealiseTrait)
    return parsed.user_id, added, bool(said or overwrite) and not added, None


def read_outbound(line: bytes, segment: int, template: LineTemplate, *, full: bool) -> Row:
    """What a line of an outbound file says of a segment."""
    text = _text(line)
    if text is None or not line:
        return None, False, False, _defect(line)
    fields = dict(enumerate(text.split(template.separator)))
    # What stands behind the last field that the template knows is nobody's business.
    id_ = fields.get(template.id_field)
    lists = [fields.get(template.segments_field)]
    if not full and template.removed_field is not None:
        lists.append(fields.get(template.removed_field, ""))
    segments = [_segments(each, template.list_separator) for each in lists]
    if None in segments:
        return None, False, False, "malformed_row"
    added, removed = (segment in (segments[place] or ()) if place < len(segments) else False for place in (0, 1))
    if (added and removed) or ((added or removed) and not id_):
        return None, False, False, "malformed_row"
    return id_, added, removed, None


def read_id_sync(line: bytes, name: IdSyncName) -> tuple[list[str] | None, str | None]:
    """The ids of a line of an id-synchronisation file, or its defect."""
    text = _text(line)
    if text is None or not line:
        return None, _defect(line)
    ids = text.split("\t")
    columns = len(name.data_source_ids)
    fitting = len(ids) == columns
    if name.kind is IdSyncKind.HASHED_EMAILS:
        fitting = 1 < len(ids) <= max(columns, 1 + _MOST_HASHES)
    ends_well = not text.endswith((" ", "\t"))
    sound = fitting and ends_well and all(ids) and "\r" not in text
    for column, source in enumerate(name.data_source_ids):
        sound = sound and (source != 0 or re.fullmatch("[0-9]{38}", ids[column]) is not None)
    return (ids, None) if sound else (None, "malformed_row")


def _segments(text: str | None, separator: str) -> set[int] | None:
    if text is None:
        return None
    if not text.strip(" "):
        return set()
    parts = [part.strip(" ") for part in text.split(separator)]
    if not all(re.fullmatch("[0-9]{1,4000}", part) for part in parts):
        return None
    return {int(part) for part in parts}


def _text(line: bytes) -> str | None:
    try:
        return line.decode() if len(line) <= MAX_LINE_BYTES else None
    except UnicodeDecodeError:
        return None


def _defect(line: bytes) -> str | None:
    if not line:
        return None
    return "row_too_large" if len(line) > MAX_LINE_BYTES else "invalid_encoding"
