"""Columns of bytes as text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# The well-formed byte sequences of The Unicode Standard, table 3-7.
_UTF8 = (
    r"^(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    r"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*$"
)


def to_utf8(column: pa.BinaryArray) -> pa.StringArray:
    """The texts that are written in UTF-8; null where bytes are not, and for null."""
    sound = pc.match_substring_regex(column, _UTF8)
    return pc.if_else(sound, column, pa.scalar(None, pa.binary())).cast(pa.string())
