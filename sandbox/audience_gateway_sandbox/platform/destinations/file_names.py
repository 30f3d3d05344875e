"""Names of exported files, from templates with macros (rtcdp 6.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from audience_gateway_sandbox.platform.wire import Refusal

_LONGEST = 255
_DEFAULT = "%DESTINATION_NAME%_segment%SEGMENT_ID%_%DATETIME(YYYYMMddHHmmss)%"
_DEFAULT_TIME = "YYYYMMdd_HHmmss"
_MACRO = re.compile(r"%([A-Z_]+)(?:\(([^()%]*)\))?%")
_TIME_PART = re.compile(r"YYYY|yyyy|MM|mm|DD|dd|HH|SS|ss")
_STRFTIME = {"YYYY": "%Y", "MM": "%m", "mm": "%M", "DD": "%d", "HH": "%H", "SS": "%S"}
_UNFIT = re.compile(r"[^\w.\- ]")
_NEEDED = ("%DESTINATION_NAME%", "%SEGMENT_ID%")


@dataclass(frozen=True, slots=True)
class Naming:
    """What macros stand for, but for time.

    Attributes:
        values: by name of the macro.
        moment: what DATETIME and TIMESTAMP stand for.
    """

    values: Mapping[str, str]
    moment: datetime

    def name(self, template: str) -> str:
        """Name a file, without its suffix. Raises Refusal for an unknown macro."""
        return _filled(template or _DEFAULT, self)

    def folder(self, path: str) -> str:
        """Name a folder, whose path may end with macros."""
        return "/".join(part for part in _filled(path, self).split("/") if part not in {"", ".", ".."})

    def value(self, macro: str, argument: str | None) -> str:
        """Tell what a macro stands for. Raises Refusal for an unknown one."""
        if macro == "DATETIME":
            return self.moment.strftime(_time_format(argument or _DEFAULT_TIME))
        if macro == "TIMESTAMP":
            return f"{int(self.moment.timestamp()):010d}"
        if macro not in self.values:
            raise Refusal(400, f"The macro {macro} is not known.")
        return _UNFIT.sub("_", self.values[macro])


def check_template(template: str) -> None:
    """Check a template. Raises Refusal if it lacks a macro that it needs, or has two times."""
    if not template:
        return
    macros = {found[1] for found in _MACRO.finditer(template)}
    if any(needed not in template for needed in _NEEDED):
        raise Refusal(400, "A filenameTemplate needs the macros %DESTINATION_NAME% and %SEGMENT_ID%.")
    if {"DATETIME", "TIMESTAMP"} <= macros:
        raise Refusal(400, "A filenameTemplate has either DATETIME or TIMESTAMP.")
    if len(template) > _LONGEST:
        raise Refusal(400, f"A filenameTemplate is at most {_LONGEST} characters long.")


def part_name(name: str, part: int) -> str:
    """Name the parts of a large export: `name`, `name_2`, `name_3`."""
    return name if part == 1 else f"{name}_{part}"


def _filled(template: str, naming: Naming) -> str:
    return _MACRO.sub(lambda found: naming.value(found[1], found[2]), template)


def _time_format(pattern: str) -> str:
    """Turn a pattern of Java, or one in capitals, into that of strftime: MM after hours are minutes."""
    made, at, hours = "", 0, False
    for found in _TIME_PART.finditer(pattern):
        part = found[0] if found[0] == "mm" else found[0].upper()
        part = "mm" if part == "MM" and hours else part
        made += pattern[at : found.start()].replace("%", "%%") + _STRFTIME[part]
        at, hours = found.end(), hours or part == "HH"
    return made + pattern[at:].replace("%", "%%")
