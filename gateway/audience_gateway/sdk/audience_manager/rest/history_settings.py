"""How rows of the onboarding status are read: Adobe publishes no shape of them (audience-manager 1.4)."""

from __future__ import annotations

from pydantic import Field

from audience_gateway.sdk.settings import Settings


class HistorySettings(Settings):
    """Names of fields; the numbers in a row are taken by whatever names they bear."""

    file_field: str = Field("dataFileName", description="Field with the name of the file.")
    begun_field: str = Field("receivedTime", description="Field with the time, in milliseconds, when it was received.")
    ended_field: str = Field("processedTime", description="Field with the time when it had been processed.")
    success_field: str = Field("success", description="Field that is false for a file that was not taken.")
    status_field: str = Field("status", description="Field with the state, where there is one instead.")
    failed_statuses: tuple[str, ...] = Field(
        ("FAILED", "ERROR"), description="States, in capitals, of a file that was not taken."
    )


OUTBOUND = HistorySettings(begun_field="startTime", ended_field="endTime")
"""Rows of files that were sent out, which are documented."""
