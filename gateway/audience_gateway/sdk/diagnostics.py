"""Findings about a connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        severity: how much it matters.
        summary: what was found.
        path: where: a setting's path, or a part of the remote system.
        remedy: what to do about it.
    """

    severity: Severity
    summary: str
    path: str = ""
    remedy: str = ""
