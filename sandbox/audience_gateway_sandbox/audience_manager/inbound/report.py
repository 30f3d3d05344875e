"""The account of one inbound file: what became of its records (audience-manager 3.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

MOST_SAMPLES = 10


class ErrorClass(StrEnum):
    """Why a record is not stored. There are no numeric codes."""

    FORMAT = "formatErrors"
    INVALID_AAM_ID = "invalidAamId"
    INVALID_DEVICE_ID = "invalidDeviceId"
    NO_MATCHING_AAM_ID = "noMatchingAamId"
    NO_TRAIT_REALIZED = "noTraitRealized"


@dataclass(frozen=True, slots=True)
class Sample:
    """A record that is not stored: the number of its line, from 1, and what is wrong; nothing of the line."""

    line: int
    finding: str


@dataclass(slots=True)
class Report:
    """Counters of one file.

    Attributes:
        received: lines, blank ones left out.
        errors: lines that are not stored, by class.
        devices: profiles that something was stored for.
        signals: items of lines whose user is known.
        unused_signals: those of them that had no effect.
        realized_traits, removed_traits: pairs of a line and a trait.
        failed_traits: ids that are not of a trait of the data source.
        users_with_failed_traits: lines that have such ids.
        samples: of each class the first records, if they are sampled.
    """

    received: int = 0
    errors: Counter[ErrorClass] = field(default_factory=Counter)
    devices: int = 0
    signals: int = 0
    unused_signals: int = 0
    realized_traits: int = 0
    removed_traits: int = 0
    failed_traits: int = 0
    users_with_failed_traits: int = 0
    samples: dict[ErrorClass, list[Sample]] = field(default_factory=dict)

    @property
    def processed(self) -> int:
        """Records that were looked at: all of them."""
        return self.received

    @property
    def stored(self) -> int:
        """Records of which something is kept: the processed ones without those that are in error."""
        return self.processed - sum(self.errors.values())

    def fail(self, error: ErrorClass, line: int, finding: str) -> None:
        """Count a record that is not stored."""
        self.errors[error] += 1
        samples = self.samples.setdefault(error, [])
        if len(samples) < MOST_SAMPLES:
            samples.append(Sample(line, finding))

    def told(self, *, sampled: bool) -> dict[str, Any]:
        """Write the account under the labels of the documents, in camel case (an assumption of ours)."""
        told: dict[str, Any] = {
            "recordsReceived": self.received,
            **{error.value: self.errors[error] for error in ErrorClass},
            "recordsProcessed": self.processed,
            "storedRecords": self.stored,
            "percentSuccess": round(100 * self.stored / self.processed, 2) if self.processed else 0.0,
            **{label: getattr(self, name) for name, label in _LABELS.items()},
        }
        if sampled:
            told["samplingDetails"] = {
                error.value: [asdict(sample) for sample in samples] for error, samples in self.samples.items()
            }
        return told


_LABELS: Mapping[str, str] = {
    "devices": "totalDevices",
    "signals": "totalSignals",
    "unused_signals": "totalUnusedSignals",
    "realized_traits": "totalRealizedTraits",
    "removed_traits": "totalRemovedTraits",
    "failed_traits": "totalTraitsFailedValidation",
    "users_with_failed_traits": "totalUsersWithTraitsFailedValidation",
}
