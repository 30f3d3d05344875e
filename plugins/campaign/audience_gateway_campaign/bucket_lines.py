"""Lines of outbound batches, changed whole columns at a time (campaign 1.6)."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk.audience_manager.line_columns import fields_of

_SEGMENTS = re.compile(rb" *[0-9]+(?: *, *[0-9]+)* *")


def without_segment(lines: pa.BinaryArray, segment: int) -> pa.BinaryArray:
    """Take one segment out of lines `<id>TAB<segment>,<segment>...`; those that name no other one are left out.

    What leads behind a second TAB, segments that were left, means nothing in a full batch and is left out too.
    """
    ids, segments = fields_of(lines, b"\t", (0, 1), most=3)
    distinct = pc.fill_null(segments, b"").dictionary_encode()  # users are many, combinations of segments are few
    others = pa.array([_others(text, segment) for text in distinct.dictionary.to_pylist()], pa.binary())
    kept = others.take(distinct.indices)
    return pc.binary_join_element_wise(ids, kept, b"\t").filter(pc.is_valid(kept))


def _others(segments: bytes, segment: int) -> bytes | None:
    if not _SEGMENTS.fullmatch(segments):
        return None
    return b",".join(each.strip() for each in segments.split(b",") if int(each) != segment) or None
