"""Inbound lines, and what they say of one trait, whole columns at a time (audience-manager 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.audience_manager.inbound_items import Items, Kind, read_items
from audience_gateway.sdk.audience_manager.inbound_lines import LABELS
from audience_gateway.sdk.audience_manager.inbound_names import Mode
from audience_gateway.sdk.audience_manager.line_columns import NO_TEXT, defects_of, fields_of, text_of

_FORBIDDEN_IN_ID = r":|%3[Aa]|\r"
_UUID = r"\A[0-9]{38}\z"
_LABEL = rf"\A(?i:{'|'.join(sorted(LABELS))})\z"


@dataclass(frozen=True, slots=True)
class LineKind:
    """What lines of a file look like, as its name and its data source say it.

    Attributes:
        mode: in a file that overwrites, a user may have no items, and loses all traits.
        uuid_source: whether the ids are Audience Manager's own, which have 38 digits.
        oracle_data_cloud: whether a field with the kind of the id stands before it.
    """

    mode: Mode = Mode.SYNC
    uuid_source: bool = False
    oracle_data_cloud: bool = False


@dataclass(frozen=True, slots=True)
class InboundRows:
    """Lines as rows, each of which has either an id and items, or a defect, or is blank.

    Attributes:
        ids: string; null for a line that cannot be read, and for a blank one.
        items: string; what the line says, as it stands there; null likewise.
        defects: string; the `Reason` why the line cannot be read; null if it can, and for a blank one.
    """

    ids: pa.StringArray
    items: pa.StringArray
    defects: pa.StringArray


@dataclass(frozen=True, slots=True)
class Statements:
    """What lines say of one trait, row by row.

    Attributes:
        ids: string; null for a line that cannot be read, and for a blank one.
        added: bool; whether the id gets the trait.
        removed: bool; whether it loses it.
        defects: string; the `Reason` why the line cannot be read; null if it can, and for a blank one.
    """

    ids: pa.StringArray
    added: pa.BooleanArray
    removed: pa.BooleanArray
    defects: pa.StringArray


def inbound_rows(lines: pa.BinaryArray, kind: LineKind) -> InboundRows:
    """Reads lines without their ends, `<id>TAB<item>,<item>...`."""
    rows, _, _ = _read(lines, kind)
    return rows


def statements(lines: pa.BinaryArray, trait: int, kind: LineKind) -> Statements:
    """Reads what lines without their ends say of a trait; of several items of one line the last one counts."""
    rows, said, of = _read(lines, kind)
    added = _last(said, trait, (Kind.REALISE, Kind.REMOVE) if kind.mode is Mode.SYNC else (Kind.REALISE,))
    removed = pc.fill_null(pc.invert(added), kind.mode is Mode.OVERWRITE)
    readable = pc.is_valid(rows.ids)
    return Statements(
        rows.ids,
        pc.and_(readable, pc.fill_null(added, False).take(of)),
        pc.and_(readable, removed.take(of)),
        rows.defects,
    )


def _read(lines: pa.BinaryArray, kind: LineKind) -> tuple[InboundRows, Items, pa.Int32Array]:
    """The rows, the items of the different texts among them, and which text each row has."""
    text = text_of(lines)
    fields = 3 if kind.oracle_data_cloud else 2
    *label, ids, items = fields_of(pc.fill_null(text, ""), "\t", range(fields), most=fields)
    distinct = pc.fill_null(items, "").dictionary_encode()  # users are many, what is said of them is little
    said = read_items(distinct.dictionary)
    sound = said.sound
    if kind.mode is Mode.OVERWRITE:
        sound = pc.or_(sound, pc.match_substring_regex(distinct.dictionary, r"\A *\z"))
    good = pc.and_(pc.is_valid(items), pc.and_(sound.take(distinct.indices), _are_sound(ids, kind)))
    for each in label:
        good = pc.and_(good, pc.fill_null(pc.match_substring_regex(each, _LABEL), False))
    defects = defects_of(lines, text, pc.invert(good))
    rows = InboundRows(pc.if_else(good, ids, NO_TEXT), pc.if_else(good, items, NO_TEXT), defects)
    return rows, said, distinct.indices


def _are_sound(ids: pa.StringArray, kind: LineKind) -> pa.BooleanArray:
    if kind.uuid_source:
        return pc.fill_null(pc.match_substring_regex(ids, _UUID), False)
    sound = pc.and_(pc.not_equal(ids, ""), pc.invert(pc.match_substring_regex(ids, _FORBIDDEN_IN_ID)))
    return pc.fill_null(sound, False)


def _last(said: Items, trait: int, kinds: tuple[Kind, ...]) -> pa.BooleanArray:
    """Of each text, whether the last of its items of these kinds realises the trait; null if none is about it."""
    about = pc.and_(
        pc.is_in(said.rows["kind"], value_set=pa.array([kind.value for kind in kinds])),
        pc.equal(said.rows["value"], str(trait)),
    )
    rows = said.rows.filter(about)
    lines, realises = rows["line"], pc.equal(rows["kind"], Kind.REALISE.value)
    # Rows of one text follow one another, so that the last one is followed by another text's.
    ends = pc.not_equal(lines, pa.concat_arrays([lines[1:], pa.array([-1], pa.int32())])) if len(lines) else about[:0]
    place = pc.index_in(pa.arange(0, len(said.sound)).cast(pa.int32()), value_set=lines.filter(ends))
    return realises.filter(ends).take(place)
