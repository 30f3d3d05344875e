"""Lines of outbound files, `<id>TAB<segment>,<segment>...`, whole columns at a time (audience-manager 4).

A further field lists segments that were left; in full files it means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.audience_manager.line_columns import NO_TEXT, defects_of, fields_of, text_of
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.members import MemberBatch


@dataclass(frozen=True, slots=True)
class Changes:
    """What lines say of one segment, row by row.

    Attributes:
        ids: string; null for a line that cannot be read, and for a blank one.
        added: bool; whether the id is in the segment.
        removed: bool; whether it left it.
        defects: string; the `Reason` why the line cannot be read; null if it can, and for a blank one.
    """

    ids: pa.StringArray
    added: pa.BooleanArray
    removed: pa.BooleanArray
    defects: pa.StringArray


def members(lines: pa.BinaryArray, *, template: LineTemplate, segment: int, full: bool = True) -> MemberBatch:
    """The rows of one segment among the lines of a file, and the lines of which nobody can say whether they are.

    Args:
        lines: lines without LF, and without CR before it; blank ones are left out.
        template: how lines are put together.
        segment: id of the segment.
        full: whether the file holds all users; in one of changes there are rows of those who left, too.
    """
    lines = lines.filter(pc.greater(pc.binary_length(lines), 0))
    said = changes(lines, template=template, segment=segment, full=full)
    rows = pc.or_(pc.or_(said.added, said.removed), pc.is_valid(said.defects))
    leaves = None if full else said.removed.filter(rows)
    return MemberBatch.of(said.ids.filter(rows), defects=said.defects.filter(rows), leaves=leaves)


def changes(lines: pa.BinaryArray, *, template: LineTemplate, segment: int, full: bool) -> Changes:
    """Reads what lines say of a segment.

    A line without an id is read only if it says nothing of the segment.

    Args:
        lines: lines without LF, and without CR before it.
        template: how lines are put together.
        segment: id of the segment.
        full: whether the file holds all users, so that segments that were left mean nothing and are not looked at.
    """
    text = text_of(lines)
    wanted = [template.id_field, template.segments_field]
    if not full and template.removed_field is not None:
        wanted.append(template.removed_field)
    cut = max(template.id_field, template.segments_field, template.removed_field or 0) + 2
    ids, *lists = fields_of(pc.fill_null(text, ""), template.separator, wanted, most=cut)
    readable, added = _membership(lists[0], template, segment)
    removed = pa.repeat(pa.scalar(False), len(lines))
    for each in lists[1:]:
        # Who left nothing may have no such field.
        left_readable, removed = _membership(pc.fill_null(each, ""), template, segment)
        readable = pc.and_(readable, left_readable)
    about = pc.or_(added, removed)
    sound = pc.and_(readable, pc.or_(pc.fill_null(pc.not_equal(ids, ""), False), pc.invert(about)))
    sound = pc.and_(sound, pc.invert(pc.and_(added, removed)))
    defects = defects_of(lines, text, pc.invert(sound))
    good = pc.and_(sound, pc.is_null(defects))
    blank = pc.equal(pc.binary_length(lines), 0)
    return Changes(
        pc.if_else(pc.and_(good, pc.invert(blank)), ids, NO_TEXT), pc.and_(good, added), pc.and_(good, removed), defects
    )


def outbound_lines(
    ids: pa.StringArray, segments: pa.StringArray, removed: pa.StringArray | None = None, *, separator: str = "\t"
) -> pa.StringArray:
    """Lines without their ends: ids, lists of segments such as `24,26`, and lists of those that were left."""
    return pc.binary_join_element_wise(ids, segments, *(() if removed is None else (removed,)), separator)


def _membership(lists: pa.StringArray, template: LineTemplate, segment: int) -> tuple[pa.BooleanArray, pa.BooleanArray]:
    """Whether a list can be read, and whether the segment is on it; neither for a null."""
    distinct = lists.dictionary_encode()  # users are many, combinations of segments are few
    between = template.list_separator_pattern
    readable = pc.match_substring_regex(distinct.dictionary, rf"\A *(?:[0-9]+(?: *{between} *[0-9]+)*)? *\z")
    listed = pc.match_substring_regex(distinct.dictionary, rf"(?:\A|{between}) *0*{segment} *(?:{between}|\z)")
    in_segment = pc.and_(readable, listed)
    return tuple(pc.fill_null(each.take(distinct.indices), False) for each in (readable, in_segment))
