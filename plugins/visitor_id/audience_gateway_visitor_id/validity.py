"""When a Visitor ID is valid (people-and-ids 2.1)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_HALF = 19
_LARGEST_HALF = "9223372036854775807"


def is_visitor_id(ids: pa.StringArray) -> pa.BooleanArray:
    """Of each text, whether it is 38 ASCII digits whose two halves are each at most 2^63-1; null for null.

    Both halves have a fixed width, so the order of their texts is the order of their numbers.
    """
    digits = pc.match_substring_regex(ids, f"^[0-9]{{{2 * _HALF}}}$")
    first = pc.utf8_slice_codeunits(ids, 0, _HALF)
    second = pc.utf8_slice_codeunits(ids, _HALF, 2 * _HALF)
    return pc.and_(digits, pc.and_(pc.less_equal(first, _LARGEST_HALF), pc.less_equal(second, _LARGEST_HALF)))
