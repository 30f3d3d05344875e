"""Lines of outbound files, `<id>TAB<segment>,<segment>...`, whole columns at a time (audience-manager 4).

A third field lists segments that were left; in full files it means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.members import MemberBatch
from audience_gateway.sdk.outcomes import Reason

_SEGMENTS = r"^ *(?:[0-9]+(?: *, *[0-9]+)*)? *$"
_NULL = pa.scalar(None, pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTemplate:
    """How one destination puts its lines together.

    Attributes:
        separator: one character, which stands behind the id and between lists of segments.
    """

    separator: str = "\t"


def members(lines: pa.BinaryArray, *, template: LineTemplate, segment: int) -> MemberBatch:
    """The rows of one segment among the lines, and the lines of which nobody can say whether they are.

    Args:
        lines: lines without LF, and without CR before it; blank ones are left out.
        template: how lines are put together.
        segment: id of the segment.
    """
    lines = lines.filter(pc.greater(pc.binary_length(lines), 0))
    too_large = pc.greater(pc.binary_length(lines), MAX_LINE_BYTES)
    text = _text(pc.if_else(too_large, pa.scalar(None, lines.type), lines))
    fields = pc.split_pattern(pc.fill_null(text, ""), template.separator, max_splits=2)
    first = fields.offsets[:-1]
    separated = pc.greater(pc.list_value_length(fields), 1)
    ids, lists = fields.values.take(first), fields.values.take(pc.add(first.filter(separated), 1))
    readable, in_segment = _membership(lists, segment)
    readable, in_segment = _spread(readable, separated), _spread(in_segment, separated)
    sound = pc.and_(readable, pc.or_(pc.not_equal(ids, ""), pc.invert(in_segment)))
    defects = pc.case_when(
        pc.make_struct(too_large, pc.is_null(text), pc.invert(sound)),
        pa.scalar(Reason.ROW_TOO_LARGE.value),
        pa.scalar(Reason.INVALID_ENCODING.value),
        pa.scalar(Reason.MALFORMED_ROW.value),
        _NULL,
    )
    rows = pc.or_(in_segment, pc.is_valid(defects))
    return MemberBatch.of(pc.if_else(sound, ids, _NULL).filter(rows), defects=defects.filter(rows))


def _membership(lists: pa.StringArray, segment: int) -> tuple[pa.BooleanArray, pa.BooleanArray]:
    distinct = lists.dictionary_encode()  # users are many, combinations of segments are few
    readable = pc.match_substring_regex(distinct.dictionary, _SEGMENTS)
    in_segment = pc.match_substring_regex(distinct.dictionary, rf"(^|,) *0*{segment} *(,|$)")
    return readable.take(distinct.indices), pc.and_(readable, in_segment).take(distinct.indices)


def _spread(values: pa.BooleanArray, mask: pa.BooleanArray) -> pa.BooleanArray:
    return pc.replace_with_mask(pa.repeat(pa.scalar(False), len(mask)), mask, values)


def _text(lines: pa.BinaryArray) -> pa.StringArray:
    try:
        return lines.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([_decoded(line) for line in lines.to_pylist()], pa.string())


def _decoded(line: bytes | None) -> str | None:
    try:
        return None if line is None else line.decode()
    except UnicodeDecodeError:
        return None
