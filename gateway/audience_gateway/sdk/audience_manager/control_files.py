"""Transfer-control files: what a batch consists of (audience-manager 4.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

# Each of these reads every character once, whatever it is: a text that does not end is taken for one up to the end.
_TEXT = r'"(?:[^"\\]|\\.)*+(?:"|\Z)'
_TEXT_OR_BARE_KEY = re.compile(rf"({_TEXT})|\b([A-Za-z][A-Za-z0-9]*+)(?=\s*+:)", re.DOTALL)
_TEXT_OR_LAST_COMMA = re.compile(rf"({_TEXT})|,(?=\s*+[}}\]])", re.DOTALL)
MAX_BYTES = 1024 * 1024
"""A longer file is not taken for a control file."""


class ListedFile(BaseModel):
    """One file of a batch as its control file lists it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    name: str = Field(alias="FileName")
    size: int = Field(alias="FileByteSize", ge=0)
    lines: int = Field(alias="FileLineCount", ge=0)
    md5: str = Field(pattern="^[0-9A-Fa-f]{32}$")


class _Control(BaseModel):
    files: tuple[ListedFile, ...] = Field(alias="Files", min_length=1)


def parse_control_file(content: bytes) -> Mapping[str, ListedFile] | None:
    """Reads one, with its keys quoted or, as in Adobe's sample, bare.

    Returns:
        The batch's files by their names; None if the file cannot be read or lists a file twice.
    """
    if len(content) > MAX_BYTES:
        return None
    try:
        control = _Control.model_validate(_json(content.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        return None
    files = {file.name: file for file in control.files}
    return files if len(files) == len(control.files) else None


def control_file(root_name: str, files: Sequence[ListedFile]) -> bytes:
    """Writes one.

    Args:
        root_name: what the names of the batch's files begin with.
        files: the batch's files, in the order of their numbers.
    """
    listed = [file.model_dump(by_alias=True) | {"FileSequenceNumber": number} for number, file in enumerate(files, 1)]
    totals = {
        "FileName": root_name,
        "TotalByteSize": sum(file.size for file in files),
        "TotalNumberFiles": len(files),
        "TotalNumberLines": sum(file.lines for file in files),
    }
    return json.dumps({"Files": listed, "Totals": totals}, indent=2).encode()


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        quoted = _TEXT_OR_BARE_KEY.sub(lambda match: match[1] or f'"{match[2]}"', text)
        return json.loads(_TEXT_OR_LAST_COMMA.sub(lambda match: match[1] or "", quoted))
