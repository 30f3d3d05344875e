"""Errors as findings."""

from __future__ import annotations

from audience_gateway.sdk import Diagnostic, GatewayError, Severity


def finding(error: GatewayError, path: str, severity: Severity = Severity.ERROR) -> Diagnostic:
    """What was found, where, and what to do about it."""
    return Diagnostic(severity, f"{error.place}: {error.message}" if error.place else error.message, path, error.remedy)
