"""When a Visitor ID is valid (people-and-ids 2.1)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import byte_range

_HALF = 19
_LARGEST_HALF = "9223372036854775807"
_LARGEST = _LARGEST_HALF + "9" * _HALF  # of the texts whose first half is none too large


def is_visitor_id(ids: pa.StringArray) -> pa.BooleanArray:
    """Of each text, whether it is 38 ASCII digits whose two halves are each at most 2^63-1; null for null.

    Both halves have a fixed width, so the order of their texts is the order of their numbers.
    """
    long_enough = pc.equal(pc.binary_length(ids), 2 * _HALF)
    digits = long_enough if _only_digits(ids) else pc.and_(long_enough, pc.ascii_is_decimal(ids))
    second = pc.binary_slice(ids.cast(pa.binary()), _HALF, 2 * _HALF)
    halves = pc.and_(pc.less_equal(ids, _LARGEST), pc.less_equal(second, _LARGEST_HALF.encode()))
    return pc.and_(digits, halves)


def _only_digits(ids: pa.StringArray) -> bool:
    """Whether no text has another byte than a digit: usually so, and asked of all bytes at once much quicker."""
    found = byte_range(ids)
    return found is None or (found[0] >= ord("0") and found[1] <= ord("9"))
