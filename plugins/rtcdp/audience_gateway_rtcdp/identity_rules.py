"""Ids that the platform's identity service does not take: it skips their records without a word (rtcdp 2.4)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

LONGEST_ID = 1024
_BLOCKED = ("null", "anonymous", "invalid", "")
_ECID = r"\A[0-9]{38}\z"


def is_skipped(ids: pa.StringArray, namespace: str) -> pa.BooleanArray:
    """Which ids would be skipped; no value is null."""
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(ids))
    bad = pc.or_(pc.is_in(plain, value_set=pa.array(_BLOCKED)), pc.greater(pc.utf8_length(ids), LONGEST_ID))
    if namespace.upper() == "ECID":
        bad = pc.or_(bad, pc.invert(pc.match_substring_regex(ids, _ECID)))
    return pc.fill_null(bad, True)


def rule_of(namespace: str) -> str:
    """What the ids of a namespace are like, for people."""
    shape = "an ECID has 38 digits" if namespace.upper() == "ECID" else f"an id has 1 to {LONGEST_ID} characters"
    return f"{shape}, and `null`, `anonymous` and `invalid` are none"
