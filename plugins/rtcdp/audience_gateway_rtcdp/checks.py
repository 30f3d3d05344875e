"""Tries what a connection needs, and says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from audience_gateway.sdk import AuthError, ConfigError, Diagnostic, GatewayError, Severity

from audience_gateway_rtcdp.findings import finding
from audience_gateway_rtcdp.platform import Object, Platform
from audience_gateway_rtcdp.preflight import Preflight


async def check(platform: Platform, preflight: Preflight) -> Sequence[Diagnostic]:
    """Findings about the connection; none if all is well.

    Without access there is one finding, why that is; otherwise each part is tried, whatever comes of the others.
    """
    try:
        namespaces: Sequence[Object] = await platform.namespaces()
    except (AuthError, ConfigError) as error:
        return [finding(error, "credentials")]
    except GatewayError as error:
        return [finding(error, "url")]
    found: list[Diagnostic] = []
    for path, part in preflight.parts(namespaces).items():
        try:
            found += await part()
        except GatewayError as error:
            found.append(finding(error, path, Severity.WARNING))
    return found
