"""Tries what a connection needs: both buckets, and a batch that can be read."""

from __future__ import annotations

from datetime import datetime

from audience_gateway.sdk import Diagnostic, GatewayError, Severity
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.outbound_batches import full_batches
from audience_gateway.sdk.audience_manager.outbound_completeness import missing
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder

from audience_gateway_people.settings import PeopleSettings


async def check(
    imports: OutboundFolder, exports: InboundFolder, settings: PeopleSettings, now: datetime
) -> list[Diagnostic]:
    """Find what is wrong with a connection. Writing is not tried."""
    findings = []
    if not settings.audiences:
        findings.append(
            Diagnostic(Severity.WARNING, "No audience is configured.", "audiences", "Add one with its ids.")
        )
    try:
        findings += await _newest(imports, now)
    except GatewayError as error:
        findings.append(_finding(error, "import_bucket"))
    try:
        async for _ in exports.bucket.list(exports.prefix):
            break
    except GatewayError as error:
        findings.append(_finding(error, "export_bucket"))
    return findings


async def _newest(imports: OutboundFolder, now: datetime) -> list[Diagnostic]:
    batches = await full_batches(imports)
    if not batches:
        return [
            Diagnostic(
                Severity.WARNING,
                "There is no full batch yet.",
                "import_bucket",
                "Audience Manager delivers once a day; check the template of its names.",
            )
        ]
    finding = await missing(imports, batches[0], now)
    if not finding:
        return []
    summary = f"The newest batch is incomplete: {finding}."
    return [Diagnostic(Severity.WARNING, summary, "import_bucket", "Wait for the rest, or have it delivered again.")]


def _finding(error: GatewayError, path: str) -> Diagnostic:
    summary = f"{error.place}: {error.message}" if error.place else error.message
    return Diagnostic(Severity.ERROR, summary, path, error.remedy)
