"""What `check` says of files that were left lately: those that were not taken, and those that gave nobody anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway.sdk import Diagnostic, Severity
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, DataSourceObject, NotFound, RightsMissing
from audience_gateway.sdk.audience_manager.rest.history import RECEIVED, STORED, FileHistory

from audience_gateway_audience_manager.preflight_settings import PreflightSettings


@dataclass(frozen=True, slots=True)
class InboundPreflight:
    """Looks at the onboarding status of data sources that take files. Raises what a call raises.

    Attributes:
        rest: the interface.
        settings: how many of them, and how far back.
        sources: the organisation's data sources, by id.
        now: the time, in UTC.
    """

    rest: AudienceManagerRest
    settings: PreflightSettings
    sources: Mapping[int, DataSourceObject]
    now: datetime

    async def findings(self) -> list[Diagnostic]:
        """All findings."""
        found: list[Diagnostic] = []
        taking = sorted(number for number, source in self.sources.items() if source.inbound_s2s)
        for number in taking[: self.settings.most_data_sources]:
            try:
                rows = await self.rest.inbound_history(number)
            except NotFound:
                continue
            except RightsMissing:
                return [*found, _NO_RIGHTS]
            found += [_finding(number, row, what) for row in rows if (what := self._what_is_wrong(row))]
        return found

    def _what_is_wrong(self, row: FileHistory) -> str:
        time = row.ended or row.begun
        if time is None or self.now - time > timedelta(days=self.settings.history_days):
            return ""
        if row.failed:
            return "was not taken"
        received = row.counts.get(RECEIVED, 0)
        return f"had {received:,} records, of which none was stored" if received and row.counts.get(STORED) == 0 else ""


_NO_RIGHTS = Diagnostic(
    Severity.INFO,
    "The onboarding status may be read by administrators only.",
    "inbound",
    "Make the technical account one, to be told what became of files beyond that they were processed.",
)


def _finding(data_source: int, row: FileHistory, what: str) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        f"The file {row.file_name or 'without a name'} {what}.",
        f"datasources/{data_source}",
        "Look at the counts of errors in the onboarding status report: ids of another kind or in other letter case, or "
        "a trait that is new or of another data source.",
    )
