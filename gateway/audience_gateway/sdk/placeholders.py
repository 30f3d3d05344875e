"""Placeholders: texts that stand where an id is missing; as an id they collapse everybody into one person.

Sources: people-and-ids 10 (`not-set` sent as an authenticated id), 2.1 (`NOTARGET`), 4 (the all-zero UUID).
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.text_bytes import lowered, trimmed

PLACEHOLDERS = frozenset(
    {
        "(none)",
        "(not set)",
        "(null)",
        "0",
        "00000000-0000-0000-0000-000000000000",
        "[object object]",
        "anonymous",
        "guest",
        "n/a",
        "nan",
        "nil",
        "none",
        "not set",
        "not-set",
        "not_set",
        "notarget",
        "notset",
        "null",
        "undefined",
        "unknown",
    }
)
"""The texts, in lower case and without white space around them."""

_COLUMN = pa.array(sorted(PLACEHOLDERS))
_LENGTHS = pc.unique(pc.binary_length(_COLUMN))


def is_placeholder(column: pa.StringArray) -> pa.BooleanArray:
    """Of each value of a string column, whether it is a placeholder in any case and spacing; false for null."""
    texts = lowered(trimmed(column))
    as_long = pc.is_in(pc.binary_length(texts), value_set=_LENGTHS)  # which most columns of ids have none of
    return pc.is_in(texts, value_set=_COLUMN) if as_long.true_count else as_long
