"""Lines of the shared-audience files, whole columns at a time (campaign 1.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Reason
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES, RealiseTrait, RemoveTrait, parse_items

_OTHER, _ADDED, _REMOVED = 0, 1, 2
_SEGMENTS = re.compile(rb" *[0-9]+(?: *, *[0-9]+)* *")
_FORBIDDEN_IN_ID = ":|%3[Aa]"
_NULL = pa.scalar(None, pa.string())


@dataclass(frozen=True, slots=True)
class Statements:
    """What lines of an export say of one trait, row by row.

    Attributes:
        ids: the ids; null where a line has a defect.
        added: whether the id gets the trait.
        removed: whether it loses it.
        defects: why a line cannot be read; null for one that can.
    """

    ids: pa.StringArray
    added: pa.BooleanArray
    removed: pa.BooleanArray
    defects: pa.StringArray


def statements(lines: pa.BinaryArray, trait: int, *, overwrite: bool) -> Statements:
    """Read lines `<id>TAB<item>,<item>...`.

    Args:
        lines: lines without their ends; blank ones say nothing.
        trait: the trait of the audience.
        overwrite: whether the file replaces all traits of its users, so that those it does not name are lost.
    """
    blank = pc.equal(pc.binary_length(lines), 0)
    too_large = pc.greater(pc.binary_length(lines), MAX_LINE_BYTES)
    text = _text(pc.if_else(too_large, pa.scalar(None, lines.type), lines))
    ids, items, separated = _split(pc.fill_null(text, ""), "\t")
    said = _said(pc.if_else(separated, items, ""), trait, overwrite=overwrite)
    sound_id = pc.and_(pc.not_equal(ids, ""), pc.invert(pc.match_substring_regex(ids, _FORBIDDEN_IN_ID)))
    sound = pc.and_(pc.is_valid(said), sound_id)
    defects = pc.case_when(
        pc.make_struct(blank, too_large, pc.is_null(text), pc.invert(sound)),
        _NULL,
        pa.scalar(Reason.ROW_TOO_LARGE.value),
        pa.scalar(Reason.INVALID_ENCODING.value),
        pa.scalar(Reason.MALFORMED_ROW.value),
        _NULL,
    )
    return Statements(
        pc.if_else(sound, ids, _NULL),
        pc.and_(sound, pc.fill_null(pc.equal(said, _ADDED), False)),
        pc.and_(sound, pc.fill_null(pc.equal(said, _REMOVED), False)),
        defects,
    )


def without_segment(lines: pa.BinaryArray, segment: int) -> pa.BinaryArray:
    """Take one segment out of lines `<id>TAB<segment>,<segment>...`; those that name no other one are left out.

    What leads behind a second TAB, segments that were left, means nothing in a full batch and is left out too.
    """
    ids, lists, separated = _split(lines, b"\t")
    segments, _, _ = _split(pc.if_else(separated, lists, b""), b"\t")
    distinct = segments.dictionary_encode()  # users are many, combinations of segments are few
    others = pa.array([_others(text, segment) for text in distinct.dictionary.to_pylist()], pa.binary())
    kept = others.take(distinct.indices)
    return pc.binary_join_element_wise(ids, kept, b"\t").filter(pc.is_valid(kept))


def _others(segments: bytes, segment: int) -> bytes | None:
    if not _SEGMENTS.fullmatch(segments):
        return None
    return b",".join(each.strip() for each in segments.split(b",") if int(each) != segment) or None


def _said(items: pa.StringArray, trait: int, *, overwrite: bool) -> pa.Int8Array:
    distinct = items.dictionary_encode()
    said = [_said_by(text, trait, overwrite=overwrite) for text in distinct.dictionary.to_pylist()]
    return pa.array(said, pa.int8()).take(distinct.indices)


def _said_by(text: str, trait: int, *, overwrite: bool) -> int | None:
    items = parse_items(text)
    if not items:
        return None
    said = _OTHER
    for item in items:
        if item == RealiseTrait(trait):
            said = _ADDED
        elif item == RemoveTrait(trait) and not overwrite:
            said = _REMOVED
    return _REMOVED if overwrite and said == _OTHER else said


def _split(texts: pa.Array, separator: str | bytes) -> tuple[pa.Array, pa.Array, pa.BooleanArray]:
    fields = pc.split_pattern(texts, separator, max_splits=1)
    first = fields.offsets[:-1]
    separated = pc.greater(pc.list_value_length(fields), 1)
    second = pc.if_else(separated, pc.add(first, 1), first)
    return fields.values.take(first), fields.values.take(second), separated


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
