"""Which ids an inbound file can hold, whole columns at a time (audience-manager 3.2, 3.3)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.audience_manager.line_columns import checked
from audience_gateway.sdk.members import Refusal

REFUSALS = {
    "ID_EMPTY": "The id is empty.",
    "ID_WITH_COLON": "Audience Manager takes no id that holds `:` or `%3A`.",
    "ID_WITH_CONTROL": "An id cannot hold TAB or newline.",
    "LINE_TOO_LONG": f"The line would be longer than {MAX_LINE_BYTES} bytes.",
    "ID_NOT_UTF_8": "Audience Manager takes ids in UTF-8 only.",
}
"""Codes of refused members and what people read of them."""

_SUSPICIOUS = r"[:%\t\r\n]|\A\z"


def sort_out(ids: pa.StringArray, rest_bytes: int) -> tuple[pa.StringArray, tuple[Refusal, ...]]:
    """The ids that a line can begin with, in their order, and the others by their positions.

    Args:
        ids: the ids.
        rest_bytes: length of the line behind the id.
    """
    suspicious = pc.or_(
        pc.match_substring_regex(checked(ids), _SUSPICIOUS),
        pc.greater(pc.binary_length(ids), MAX_LINE_BYTES - rest_bytes),
    )
    bad = pc.indices_nonzero(pc.fill_null(suspicious, True))  # seldom any, so that what is bad is looked at alone
    if not len(bad):
        return ids, ()
    codes = _codes(ids.take(bad), rest_bytes)
    refused = tuple(
        Refusal(index, code, REFUSALS[code])
        for index, code in zip(bad.to_pylist(), codes.to_pylist(), strict=True)
        if code is not None
    )
    accepted = pc.invert(pc.is_in(pa.arange(0, len(ids)), value_set=bad.filter(pc.is_valid(codes)).cast(pa.int64())))
    return ids.filter(accepted), refused


def _codes(ids: pa.StringArray, rest_bytes: int) -> pa.StringArray:
    return pc.case_when(
        pc.make_struct(
            pc.fill_null(pc.equal(ids, ""), True),
            pc.fill_null(pc.match_substring_regex(ids, ":|%3[Aa]"), False),
            pc.fill_null(pc.match_substring_regex(ids, r"[\t\r\n]"), False),
            pc.fill_null(pc.greater(pc.binary_length(ids), MAX_LINE_BYTES - rest_bytes), False),
            pc.is_null(checked(ids)),
        ),
        *(pa.scalar(code) for code in REFUSALS),
        pa.scalar(None, pa.string()),
    )
