"""What keeps audiences from being shared, found before anybody misses somebody (people-and-ids 10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from audience_gateway.sdk import Diagnostic, GatewayError, Severity
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_stored import stored_files
from audience_gateway.sdk.audience_manager.outbound_batches import Batch, all_batches, time_made
from audience_gateway.sdk.audience_manager.outbound_completeness import missing
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder

from audience_gateway_people.library import Library
from audience_gateway_people.library_checks import library_findings
from audience_gateway_people.settings import PeopleSettings

_ALL_FILES = "ftp_dpm_"


async def check(
    imports: OutboundFolder, exports: InboundFolder, settings: PeopleSettings, library: Library | None, now: datetime
) -> list[Diagnostic]:
    """Find what is wrong with a connection. Writing is not tried."""
    findings = []
    if not settings.audiences and library is None:
        remedy = "Add one with its ids, or set `library`."
        findings.append(Diagnostic(Severity.WARNING, "No audience is configured.", "audiences", remedy))
    for path, look in (
        ("import_bucket", _imported(imports, settings, now)),
        ("export_bucket", _exported(exports, settings, now)),
        *([("library", library_findings(library, settings))] if library else []),
    ):
        try:
            findings += await look
        except GatewayError as error:
            summary = f"{error.place}: {error.message}" if error.place else error.message
            findings.append(Diagnostic(Severity.ERROR, summary, path, error.remedy))
    return findings


async def _imported(imports: OutboundFolder, settings: PeopleSettings, now: datetime) -> list[Diagnostic]:
    batches = await all_batches(imports)
    if not batches:
        return [
            Diagnostic(
                Severity.WARNING,
                "There is no full batch yet.",
                "import_bucket",
                "Audience Manager delivers once a day; check the template of its names.",
            )
        ]
    found = _late(batches[-1], imports, settings, now)
    if finding := await missing(imports, batches[-1], now):
        summary = f"The newest batch is incomplete: {finding}."
        remedy = "Wait for the rest, or have it delivered again."
        found.append(Diagnostic(Severity.WARNING, summary, "import_bucket", remedy))
    return found


def _late(newest: Batch, imports: OutboundFolder, settings: PeopleSettings, now: datetime) -> list[Diagnostic]:
    made = time_made(newest.timestamp, imports.names.timestamp_digits)
    hours = settings.arrival.import_hours
    if made is None or now <= made + timedelta(hours=hours):
        return []
    summary = f"The newest batch is of {made:%Y-%m-%d %H:%M} UTC, and one should come within {hours:g} hours."
    remedy = "Ask Adobe whether the destination still delivers; audiences out of Analytics may take up to 60 hours."
    return [Diagnostic(Severity.WARNING, summary, "import_bucket", remedy)]


async def _exported(exports: InboundFolder, settings: PeopleSettings, now: datetime) -> list[Diagnostic]:
    since = now - timedelta(hours=settings.arrival.ingested_hours)
    waiting = [
        file.stored.modified
        async for file in stored_files(exports, _ALL_FILES)
        if not file.processed and file.stored.modified < since
    ]
    if not waiting:
        return []
    summary = f"{len(waiting)} files have not been taken, the oldest since {min(waiting):%Y-%m-%d %H:%M} UTC."
    remedy = "Check `export_prefix` and the rights of Audience Manager; see its onboarding status report."
    return [Diagnostic(Severity.WARNING, summary, "export_bucket", remedy)]
