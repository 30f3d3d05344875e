"""Transfer-control files: what a batch consists of (audience-manager 4.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

_BARE_KEY = re.compile(r"([{,]\s*)([A-Za-z][A-Za-z0-9]*)(\s*:)")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
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
        The batch's files by their names; None if the file cannot be read.
    """
    try:
        control = _Control.model_validate(_json(content.decode()))
    except ValueError:
        return None
    return {file.name: file for file in control.files}


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
        return json.loads(_TRAILING_COMMA.sub(r"\1", _BARE_KEY.sub(r'\1"\2"\3', text)))
