"""Files that Campaign's "Data loading" activity reads: delimited text with one line of column names (campaign 2.1)."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Literal

import pyarrow as pa
from audience_gateway.sdk import TargetBatch
from pyarrow import csv

from audience_gateway_campaign.file_workflow_settings import FileWorkflowSettings

Operation = Literal["add", "remove"]

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9.-]")
_DIGEST_CHARACTERS = 16
_MARK = "__"


def file_name(audience: str, key: str) -> str:
    """Name the file of one write: the same for a repeat, and by its first part that of the audience."""
    digest = hashlib.sha256(f"{audience}\n{key}".encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{stem_of(audience)}{_MARK}{digest}.csv"


def audience_of(name: str) -> str:
    """What names of an audience's files begin with, from a name of one; empty if it is none of ours."""
    stem, mark, _ = name.rpartition("/")[2].partition(_MARK)
    return stem if mark and name.endswith(".csv") else ""


def stem_of(audience: str) -> str:
    """What names of an audience's files begin with; those of other audiences may, if only signs differ."""
    return _NOT_IN_A_NAME.sub("-", audience)


def columns(settings: FileWorkflowSettings) -> list[str]:
    """The columns of a file."""
    return [settings.id_column, *([settings.status_column] if settings.mode == "add_and_remove" else [])]


def header(settings: FileWorkflowSettings) -> bytes:
    """The line of column names."""
    return f"{settings.delimiter.join(columns(settings))}\n".encode()


def lines(settings: FileWorkflowSettings, batch: TargetBatch, operation: Operation) -> bytes:
    """The lines of some members, quoted, so that no id ends a column."""
    arrays: list[pa.Array] = [batch.targets]
    if settings.mode == "add_and_remove":
        status = settings.added_status if operation == "add" else settings.removed_status
        arrays.append(pa.repeat(pa.scalar(status), len(batch)))
    written = io.BytesIO()
    options = csv.WriteOptions(include_header=False, delimiter=settings.delimiter, quoting_style="needed")
    csv.write_csv(pa.table(arrays, names=columns(settings)), written, options)
    return written.getvalue()
