"""Lines of id-synchronisation files, `<id>TAB<id>...`, whole columns at a time (audience-manager 3.7)."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.audience_manager.id_sync_names import AAM_UUID, IdSyncKind, IdSyncName
from audience_gateway.sdk.audience_manager.line_columns import defects_of, text_of

MAX_HASHED_EMAILS = 10
"""Audience Manager keeps the ten newest hashed e-mail addresses of a customer."""

_IDS = r"\A[^\t\r]+(?:\t[^\t\r]+)*\z"
_ENDS_IN_BLANK = r"[ \t]\z"
_UUID = r"\A[0-9]{38}\z"


@dataclass(frozen=True, slots=True)
class IdSyncRows:
    """Lines as rows.

    Attributes:
        ids: list of string; ids of one user, in the order of the name's data sources; in files of hashed e-mails one
            customer and up to ten of these. Null for a line that cannot be read, and for a blank one.
        defects: string; the `Reason` why the line cannot be read; null if it can, and for a blank one.
    """

    ids: pa.ListArray
    defects: pa.StringArray


def id_sync_rows(lines: pa.BinaryArray, name: IdSyncName) -> IdSyncRows:
    """Reads lines without their ends.

    Args:
        lines: the lines; one that ends with TAB or blank is not processed, and counts as malformed.
        name: of the file, which says what columns there are.
    """
    text = text_of(lines)
    ids = pc.split_pattern(pc.fill_null(text, ""), "\t")
    sound = pc.and_(
        pc.fill_null(pc.match_substring_regex(text, _IDS), False),
        pc.invert(pc.fill_null(pc.match_substring_regex(text, _ENDS_IN_BLANK), True)),
    )
    fewest, most = _columns(name)
    found = pc.list_value_length(ids)
    sound = pc.and_(sound, pc.and_(pc.greater_equal(found, fewest), pc.less_equal(found, most)))
    for column, data_source_id in enumerate(name.data_source_ids):
        if data_source_id == AAM_UUID:
            sound = pc.and_(sound, _are_uuids(ids, column))
    return IdSyncRows(
        pc.if_else(sound, ids, pa.scalar(None, ids.type)),
        defects_of(lines, text, pc.invert(sound)),
    )


def _columns(name: IdSyncName) -> tuple[int, int]:
    columns = len(name.data_source_ids)
    return (2, max(columns, 1 + MAX_HASHED_EMAILS)) if name.kind is IdSyncKind.HASHED_EMAILS else (columns, columns)


def _are_uuids(ids: pa.ListArray, column: int) -> pa.BooleanArray:
    place = pc.if_else(
        pc.greater(pc.list_value_length(ids), column), pc.add(ids.offsets[:-1], column), pa.scalar(None, pa.int32())
    )
    return pc.fill_null(pc.match_substring_regex(ids.values.take(place), _UUID), False)
