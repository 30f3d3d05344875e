"""What became of files: those that came in, and those that went out. Whoever moves files tells it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRow:
    """One inbound file, by the labels of the onboarding status report (audience-manager 3.6).

    Attributes:
        records_processed: what was looked at; without the errors, it is what was stored.
        stage: how far the file has come; its traits count once it is usable.
        usable_time: from when on they count.
        finding: what a strict reader would refuse of the file; empty for nothing.
        sampling_details: examples of errors by class, where error sampling is on.
    """

    data_file_name: str
    data_source_id: int
    received_time: datetime
    processed_time: datetime
    records_received: int
    stored_records: int
    format_errors: int = 0
    invalid_aam_id: int = 0
    invalid_device_id: int = 0
    no_matching_aam_id: int = 0
    no_trait_realized: int = 0
    total_signals: int = 0
    total_unused_signals: int = 0
    total_realized_traits: int = 0
    total_removed_traits: int = 0
    total_traits_failed_validation: int = 0
    total_users_with_traits_failed_validation: int = 0
    total_devices: int = 0
    records_processed: int = 0
    stage: str = ""
    usable_time: datetime | None = None
    finding: str = ""
    success: bool = True
    sampling_details: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def percent_success(self) -> float:
        """How many of a hundred records were stored."""
        return round(100 * self.stored_records / self.records_received, 2) if self.records_received else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRow:
    """One outbound transfer (audience-manager 1.4)."""

    push_id: int
    order_id: int
    data_provider_id: int
    sync_type: int
    full_publish: bool
    received_records: int
    attempted_records: int
    success_records: int
    start_time: datetime
    end_time: datetime
    data_file_name: str
    success: bool


class InboundHistory(Protocol):
    """Tells what became of inbound files."""

    def inbound_rows(self, data_source_id: int, data_file_name: str) -> Sequence[InboundRow]:
        """Tell it of a data source, newest first; of one file only if it is named."""
        ...


class OutboundHistory(Protocol):
    """Tells what became of outbound transfers."""

    def outbound_rows(self, destination_id: int, start: datetime, end: datetime) -> Sequence[OutboundRow]:
        """Tell it of a destination, for transfers that began in a span of time, oldest first."""
        ...


class NoFiles:
    """The history of those who move no files."""

    def inbound_rows(self, data_source_id: int, data_file_name: str) -> Sequence[InboundRow]:  # noqa: ARG002 - a protocol
        """Tell of none."""
        return ()

    def outbound_rows(self, destination_id: int, start: datetime, end: datetime) -> Sequence[OutboundRow]:  # noqa: ARG002 - a protocol
        """Tell of none."""
        return ()
