"""The canonical form of Declared IDs, in clear and hashed (people-and-ids 1 and 5)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Codec, Recipe, encode, hash_length

_BREAKS_FILES = r"(?i):|%3A|[\t\r\n]"
_NO_VALUE = pa.scalar(None, pa.string())


def from_clear(ids: pa.StringArray, recipe: Recipe, codec: Codec) -> pa.StringArray:
    """What recipe and codec make of ids in clear; null where there is none or it is invalid.

    An id in a file of Audience Manager holds neither `:` nor `%3A`, and no separator of columns or rows.
    """
    values = encode(codec, recipe.apply(ids))
    return pc.if_else(pc.match_substring_regex(values, _BREAKS_FILES), _NO_VALUE, values)


def from_hashes(ids: pa.StringArray, codec: Codec) -> pa.StringArray:
    """Hashes in lower case, without white space around them; null where there is none or it is none of the codec."""
    hashes = pc.ascii_lower(pc.utf8_trim_whitespace(ids))
    return pc.if_else(pc.match_substring_regex(hashes, f"^[0-9a-f]{{{hash_length(codec)}}}$"), hashes, _NO_VALUE)
