"""What all lines have in common, whole columns at a time: text, fields, and the reason why there are none."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.outcomes import Reason

NO_TEXT = pa.scalar(None, pa.string())
# Arrow matches bytes as Latin-1, so that this reads them one by one.
_UTF_8 = (
    r"\A(?:[\x00-\x7F]|[\xC2-\xDF][\x80-\xBF]|\xE0[\xA0-\xBF][\x80-\xBF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]{2}"
    r"|\xED[\x80-\x9F][\x80-\xBF]|\xF0[\x90-\xBF][\x80-\xBF]{2}|[\xF1-\xF3][\x80-\xBF]{3}|\xF4[\x80-\x8F][\x80-\xBF]{2})*\z"
)


def text_of(lines: pa.BinaryArray) -> pa.StringArray:
    """The lines as text; null where they are no UTF-8 or too long."""
    fitting = pc.if_else(too_large(lines), pa.scalar(None, lines.type), lines)
    try:
        return fitting.cast(pa.string())
    except pa.ArrowInvalid:
        valid = pc.match_substring_regex(fitting, _UTF_8)
        return pc.if_else(valid, fitting, pa.scalar(None, fitting.type)).cast(pa.string())


def checked(texts: pa.StringArray) -> pa.StringArray:
    """The texts; null where bytes that are no UTF-8 pass for one, or where it is too long for a line besides."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return text_of(texts.cast(pa.binary()))
    return texts


def too_large(lines: pa.BinaryArray) -> pa.BooleanArray:
    """Whether a line is longer than Audience Manager takes it."""
    return pc.greater(pc.binary_length(lines), MAX_LINE_BYTES)


def defects_of(lines: pa.BinaryArray, text: pa.StringArray, malformed: pa.BooleanArray) -> pa.StringArray:
    """Why a line cannot be read, the first reason that holds; null for one that can and for a blank one.

    Args:
        lines: the lines.
        text: what `text_of` made of them.
        malformed: whether the line breaks its grammar.
    """
    return pc.case_when(
        pc.make_struct(pc.equal(pc.binary_length(lines), 0), too_large(lines), pc.is_null(text), malformed),
        NO_TEXT,
        pa.scalar(Reason.ROW_TOO_LARGE.value),
        pa.scalar(Reason.INVALID_ENCODING.value),
        pa.scalar(Reason.MALFORMED_ROW.value),
        NO_TEXT,
    )


def fields_of(texts: pa.Array, separator: str | bytes, numbers: Sequence[int], *, most: int) -> tuple[pa.Array, ...]:
    """Fields of texts without nulls, by their numbers from 0; null where a text has fewer.

    Args:
        texts: the texts, strings or bytes.
        separator: what stands between fields.
        numbers: which fields are wanted.
        most: into how many fields a text is cut at most; the last one is the rest.
    """
    fields = pc.split_pattern(texts, separator, max_splits=most - 1)
    first, found = fields.offsets[:-1], pc.list_value_length(fields)
    return tuple(
        fields.values.take(pc.if_else(pc.greater(found, number), pc.add(first, number), pa.scalar(None, pa.int32())))
        for number in numbers
    )
