"""How destinations put their outbound lines together (audience-manager 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_TOKEN = re.compile(r"<(?P<macro>[A-Z_]+)>|(?P<text>[^<>])")
_CHARACTERS = {"ASCII_SOH": "\x01", "TAB": "\t"}
_IDS = frozenset({"UUID", "DP_UUID", "MCID"})
_SEGMENTS, _REMOVED = "SEGMENT_LIST", "REMOVED_SEGMENT_LIST"
_PASSED_OVER = frozenset({"DPUUIDS", "DP_UUID_LIST", "PID", "PIDALIAS", "TRAIT_LIST", "OPT_OUT", "SET_ATTRIBUTES"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTemplate:
    """How one destination puts its lines together: which field holds what, counted from 0.

    Attributes:
        separator: one character, which stands between fields.
        list_separator: one character, which stands between segments; blanks around it count for nothing.
        id_field: the id.
        segments_field: the segments that the id is in.
        removed_field: the segments that it left; None if no field says so.
    """

    separator: str = "\t"
    list_separator: str = ","
    id_field: int = 0
    segments_field: int = 1
    removed_field: int | None = 2

    def __post_init__(self) -> None:
        for each in (self.separator, self.list_separator):
            if len(each) != 1 or each.isdigit() or each in "\r\n":
                raise ValueError("a separator is one character, and neither a digit nor a line end")
        if self.separator == self.list_separator:
            raise ValueError("fields and segments have different separators")

    @property
    def list_separator_pattern(self) -> str:
        """A regular expression of what stands between segments."""
        return re.escape(self.list_separator)

    @classmethod
    def of(cls, layout: str, *, list_separator: str = ",") -> Self:
        """Reads a layout such as `<MCID><TAB><SEGMENT_LIST><TAB><REMOVED_SEGMENT_LIST>`.

        Raises ValueError if it does not hold one id and the segments, or fields are not separated by one character,
        the same one everywhere.
        """
        macros, separators = _taken_apart(layout)
        ids = [macro for macro in macros if macro in _IDS]
        unknown = set(macros) - _IDS - _PASSED_OVER - {_SEGMENTS, _REMOVED}
        if unknown or len(ids) != 1 or macros.count(_SEGMENTS) != 1 or macros.count(_REMOVED) > 1:
            raise ValueError("a layout holds one of `<UUID>`, `<DP_UUID>`, `<MCID>`, and `<SEGMENT_LIST>`")
        if len(set(separators)) != 1:
            raise ValueError("the fields of a layout are separated by one character, the same one everywhere")
        return cls(
            separator=separators[0],
            list_separator=list_separator,
            id_field=macros.index(ids[0]),
            segments_field=macros.index(_SEGMENTS),
            removed_field=macros.index(_REMOVED) if _REMOVED in macros else None,
        )


def _taken_apart(layout: str) -> tuple[list[str], list[str]]:
    macros, separators = list[str](), [""]
    position = 0
    while position < len(layout):
        token = _TOKEN.match(layout, position)
        if token is None:
            raise ValueError("the layout is no sequence of separators and macros such as `<SEGMENT_LIST>`")
        position = token.end()
        character = token["text"] or _CHARACTERS.get(token["macro"])
        if character:
            separators[-1] += character
        else:
            macros.append(token["macro"])
            separators.append("")
    if separators[0] or separators[-1]:
        raise ValueError("a layout begins and ends with a macro")
    return macros, separators[1:-1]
