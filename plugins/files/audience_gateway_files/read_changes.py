"""Files whose rows are changes: a column says whether a row adds its member or removes it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import MemberBatch, Reason
from audience_gateway.sdk.row_files.dialect import Rows

_SAID = pa.array(["add", "remove"])
_NO_TEXT = pa.scalar(None, pa.string())


def members_of(rows: Rows, ids: pa.StringArray, said: pa.StringArray) -> MemberBatch:
    """The members; a row that says neither `add` nor `remove` is malformed.

    Args:
        rows: the rows.
        ids: their ids.
        said: what they say, in whatever letter case.
    """
    found = pc.index_in(pc.utf8_lower(pc.utf8_trim_whitespace(said)), value_set=_SAID)
    unclear = pc.and_(pc.is_null(rows.defects), pc.is_null(found))
    defects = pc.if_else(unclear, Reason.MALFORMED_ROW.value, rows.defects)
    leaves = pc.and_(pc.is_null(defects), pc.fill_null(pc.equal(found, 1), False))
    return MemberBatch.of(pc.if_else(unclear, _NO_TEXT, ids), defects=defects, leaves=leaves)
