"""Tries what a connection needs, and says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from audience_gateway.sdk import AuthError, ConfigError, Diagnostic, GatewayError, Severity

from audience_gateway_rtcdp.platform import Platform


async def check(platform: Platform) -> Sequence[Diagnostic]:
    """Findings about the connection; none if all is well."""
    try:
        await platform.namespaces()
    except (AuthError, ConfigError) as error:
        return [finding(error, "credentials")]
    except GatewayError as error:
        return [finding(error, "url")]
    return []


def finding(error: GatewayError, path: str, severity: Severity = Severity.ERROR) -> Diagnostic:
    """An error as a finding: what was found, where, and what to do about it."""
    return Diagnostic(severity, f"{error.place}: {error.message}" if error.place else error.message, path, error.remedy)
