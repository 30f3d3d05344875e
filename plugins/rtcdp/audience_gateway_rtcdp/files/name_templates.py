"""Names of exported files, by the templates of their destination (rtcdp 6.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from audience_gateway_rtcdp.files.name_times import DEFAULT_FORMAT, TIMESTAMP_PATTERN, time_of, time_pattern

DEFAULT_TEMPLATE = "%DESTINATION_NAME%_segment%SEGMENT_ID%_%DATETIME(YYYYMMDDHHMMSS)%"
"""What files are called if nobody has set anything else."""

_MACRO = re.compile(r"%(?P<macro>[A-Z_]+)(?:\((?P<format>[^()%]*)\))?%")
_AUDIENCE = "SEGMENT_ID"
_RENAMED = "SEGMENT_NAME"
_DESTINATION = (
    "DESTINATION_NAME",
    "DESTINATION_INSTANCE_ID",
    "DESTINATION_INSTANCE_NAME",
    "ORGANIZATION_NAME",
    "SANDBOX_NAME",
)
_TIMES = ("DATETIME", "TIMESTAMP")
_PART = "(?:_(?P<part>[2-9]|[1-9][0-9]{1,5}))?"
_SUFFIX = r"\.(?P<suffix>(?i:csv|tsv|txt|parquet))(?P<gzip>\.(?i:gz))?"
_LONGEST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedName:
    """What the key of an exported file says.

    Attributes:
        destination: what the macros of the destination stand for; the same for all files of one destination.
        root: the key without the number of a part and the suffix; the same for all parts of an export.
        time: when it was exported; None for a static name, which each export overwrites.
        part: number of the part, from 1; the first one bears none.
        suffix: `csv`, `tsv`, `txt` or `parquet`.
        gzipped: whether the file is compressed.
    """

    destination: tuple[str, ...]
    root: str
    time: datetime | None
    part: int
    suffix: str
    gzipped: bool


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """How a destination names its folders and files.

    Attributes:
        folder: folder in the bucket, without a slash at its end; empty for the bucket itself.
        name: name of the file, without suffix.

    Raises ValueError for a template that does not tell the audience, has a macro that is unknown or two times, ends
    with a name, behind which nobody can tell the number of a part, or is too long.
    """

    folder: str = ""
    name: str = DEFAULT_TEMPLATE
    _macros: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = [*_MACRO.finditer(self.folder), *_MACRO.finditer(self.name)]
        macros = [macro["macro"] for macro in found]
        self._check(macros)
        for macro in found:
            if macro["format"] is not None and macro["macro"] != "DATETIME":
                raise ValueError("only %DATETIME% has a format")
            if macro["macro"] == "DATETIME":
                time_pattern(macro["format"] or DEFAULT_FORMAT)
        object.__setattr__(self, "_macros", frozenset(macros))

    @property
    def is_static(self) -> bool:
        """Whether names bear no time, so that each export overwrites the one before."""
        return not self._macros & set(_TIMES)

    def prefix(self, audience: str) -> str:
        """What the keys of all files of an audience begin with."""
        parts = re.split(r"%(?!SEGMENT_ID%)[A-Z_]+(?:\([^()%]*\))?%", self._template, maxsplit=1)
        return parts[0].replace(f"%{_AUDIENCE}%", audience)

    def parse(self, key: str, audience: str) -> ExportedName | None:
        """Reads the key of a file of an audience; None if it is none."""
        match = self._pattern(audience).fullmatch(key)
        try:
            return None if match is None else _name(match)
        except ValueError:  # a time that there is not, e.g. a 13th month
            return None

    @property
    def _template(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name

    def _pattern(self, audience: str) -> re.Pattern[str]:
        pattern, position, numbers = "", 0, dict[str, int]()
        for macro in _MACRO.finditer(self._template):
            name = macro["macro"]
            numbers[name] = numbers.get(name, 0) + 1
            pattern += re.escape(self._template[position : macro.start()])
            pattern += _macro_pattern(name, macro["format"], audience, numbers[name])
            position = macro.end()
        return re.compile(f"(?P<root>{pattern}{re.escape(self._template[position:])}){_PART}{_SUFFIX}")

    def _check(self, macros: list[str]) -> None:
        unknown = set(macros) - {_AUDIENCE, _RENAMED, *_DESTINATION, *_TIMES}
        if unknown:
            raise ValueError(f"the template has an unknown macro, %{min(unknown)}%")
        if _AUDIENCE not in macros:
            raise ValueError("without %SEGMENT_ID% in folder or name nobody can tell whose members a file has")
        if sum(macro in _TIMES for macro in macros) > 1:
            raise ValueError("a template has one of %DATETIME% and %TIMESTAMP%, once")
        last = {macro["macro"] for macro in _MACRO.finditer(self.name) if macro.end() == len(self.name)}
        if last & {_RENAMED, *_DESTINATION}:
            raise ValueError("a template does not end with a name: parts of a large export are numbered behind it")
        if not self.name or len(self.name) > _LONGEST or "/" in self.name or self.folder.endswith("/"):
            raise ValueError("a name has 1 to 255 characters and no slash, a folder no slash at its end")


def _macro_pattern(name: str, form: str | None, audience: str, number: int) -> str:
    if name == _AUDIENCE:
        return re.escape(audience)
    if name == "TIMESTAMP":
        return TIMESTAMP_PATTERN
    if name == "DATETIME":
        return time_pattern(form or DEFAULT_FORMAT)
    # The same macro stands for the same text everywhere.
    return f"(?P<{name}>[^/]+?)" if number == 1 else f"(?P={name})"


def _name(match: re.Match[str]) -> ExportedName:
    found = match.groupdict()
    return ExportedName(
        destination=tuple(found.get(name) or "" for name in _DESTINATION),
        root=match["root"],
        time=time_of(found),
        part=int(match["part"] or 1),
        suffix=match["suffix"].lower(),
        gzipped=match["gzip"] is not None,
    )
