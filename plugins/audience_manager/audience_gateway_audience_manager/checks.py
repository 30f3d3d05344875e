"""Tries what a connection needs: access, buckets, and what an organisation must have set up."""

from __future__ import annotations

from contextlib import suppress

from audience_gateway.sdk import AuthError, Bucket, ConfigError, Diagnostic, GatewayError, Severity
from audience_gateway.sdk.audience_manager.rest import RightsMissing

from audience_gateway_audience_manager.findings import finding
from audience_gateway_audience_manager.preflight import Preflight
from audience_gateway_audience_manager.settings import AudienceManagerSettings


async def check(
    preflight: Preflight, settings: AudienceManagerSettings, buckets: dict[str, tuple[Bucket, str]]
) -> list[Diagnostic]:
    """Find what is wrong with a connection. Nothing is written.

    Args:
        preflight: looks at the organisation.
        settings: of the connection.
        buckets: the buckets, each with the folder that is used, by setting.
    """
    found = _ways(settings)
    for path, (bucket, prefix) in buckets.items():
        try:
            async for _ in bucket.list(prefix):
                break
        except GatewayError as error:
            found.append(finding(error, f"{path}.bucket"))
    try:
        return found + await preflight.findings()
    except RightsMissing as error:
        with suppress(GatewayError):
            await preflight.rest.introduce()
        return [*found, finding(error, "credentials")]
    except (AuthError, ConfigError) as error:
        return [*found, finding(error, "credentials")]
    except GatewayError as error:
        return [*found, finding(error, "url")]


def _ways(settings: AudienceManagerSettings) -> list[Diagnostic]:
    found = []
    if not settings.is_written:
        summary = "Members cannot be written."
        remedy = "Set the bucket of inbound files."
        found.append(Diagnostic(Severity.INFO, summary, "inbound", remedy))
    if settings.outbound is None:
        summary = "Members cannot be read."
        found.append(Diagnostic(Severity.INFO, summary, "outbound", "Set the bucket of outbound files."))
    return found
