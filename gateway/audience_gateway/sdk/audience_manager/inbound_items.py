"""What inbound lines say behind the id, `d_sid=24,26:0,"gender"=m`, whole columns at a time (audience-manager 3.3).

Reads exactly what `inbound_lines.parse_items` reads one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

_UNTIL_COMMA = r'((?:[^",]|"[^"]*")*),'
_BETWEEN_ITEMS = "\n"
_UNQUOTED = r'[^"“”=,\t\r\n ](?:[^"“”=,\t\r\n]*[^"“”=,\t\r\n ])?'
_QUOTED = r'[^"\t\r\n]*'
_ITEM = (
    rf'\A *(?:(?P<number>[0-9]+)(?P<removed>:0|:-1)?|(?:"(?P<key_quoted>{_QUOTED})"|(?P<key>{_UNQUOTED}))'
    rf' *= *(?:"(?P<value_quoted>{_QUOTED})"|(?P<value>{_UNQUOTED}))) *\z'
)
_D_SID, _D_UNSID = r"\A[dD]_[sS][iI][dD]\z", r"\A[dD]_[uU][nN][sS][iI][dD]\z"


class Kind(StrEnum):
    """What an item does."""

    REALISE = "realise"
    REMOVE = "remove"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Items:
    """The items of some lines.

    Attributes:
        sound: bool, one value a line: whether all of its items can be read. A line has one at least.
        rows: record batch, one row an item of a sound line, in their order:
            line (int32, its line, from 0), kind (string, a `Kind`), key (string; of a signal, else null),
            value (string; of a signal, or the digits of the trait without leading zeros).
    """

    sound: pa.BooleanArray
    rows: pa.RecordBatch


def read_items(texts: pa.StringArray) -> Items:
    """Reads what lines say behind the id; texts must not be null."""
    items = _taken_apart(texts)
    lines = pc.list_parent_indices(items).cast(pa.int32())
    parsed = pc.extract_regex(items.flatten(), _ITEM)
    number, removed = parsed.field("number"), parsed.field("removed")
    key = pc.replace_substring_regex(_either(parsed, "key"), r"\A-", "")
    value = _either(parsed, "value")
    is_number = pc.not_equal(number, "")
    realised = pc.match_substring_regex(key, _D_SID)
    unrealised = pc.match_substring_regex(key, _D_UNSID)
    unsound = _unsound(is_number, pc.or_(realised, unrealised), key, value)
    bad = pc.or_(pc.is_null(parsed), pc.fill_null(unsound, True))
    sound = pc.invert(pc.is_in(pa.arange(0, len(texts)).cast(pa.int32()), value_set=lines.filter(bad)))
    kind = pc.if_else(
        pc.or_(pc.not_equal(removed, ""), unrealised),
        Kind.REMOVE.value,
        pc.if_else(realised, Kind.REALISE.value, Kind.SIGNAL.value),
    )
    is_signal = pc.equal(kind, Kind.SIGNAL.value)
    said = pc.if_else(is_number, number, value)
    rows = pa.record_batch(
        {
            "line": lines,
            "kind": kind,
            "key": pc.if_else(is_signal, pc.if_else(is_number, "ic", key), pa.scalar(None, pa.string())),
            "value": pc.if_else(is_signal, said, pc.replace_substring_regex(said, r"\A0+([0-9])", r"\1")),
        }
    )
    return Items(sound, rows.filter(sound.take(lines)))


def _taken_apart(texts: pa.StringArray) -> pa.ListArray:
    """The items of each text. A comma within quotes ends none; where quotes do not close, an item has a single one."""
    ended = pc.binary_join_element_wise(texts, "", ",")  # so that every item ends with a comma, the last one too
    marked = pc.replace_substring_regex(ended, _UNTIL_COMMA, rf"\1{_BETWEEN_ITEMS}")  # no line holds a newline
    return pc.split_pattern(pc.utf8_slice_codeunits(marked, 0, -1), _BETWEEN_ITEMS)


def _either(parsed: pa.StructArray, name: str) -> pa.StringArray:
    return pc.binary_join_element_wise(parsed.field(name), parsed.field(f"{name}_quoted"), "")


def _unsound(
    is_number: pa.BooleanArray, is_trait: pa.BooleanArray, key: pa.StringArray, value: pa.StringArray
) -> pa.BooleanArray:
    no_key = pc.or_(pc.equal(key, ""), pc.starts_with(key, "-"))
    no_trait = pc.and_(is_trait, pc.invert(pc.match_substring_regex(value, r"\A[0-9]+\z")))
    return pc.and_(pc.invert(is_number), pc.or_(no_key, no_trait))
