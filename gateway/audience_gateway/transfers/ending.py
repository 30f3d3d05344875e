"""How a transfer ends, and what ends one before its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Reason
from audience_gateway.transfers.model import Failure, TransferState


@dataclass(frozen=True, slots=True)
class Ending:
    """How a transfer ends.

    Attributes:
        state: the state that it ends in.
        not_sent: what its members that were not sent end with.
        failure: why it failed, if it did.
    """

    state: TransferState = TransferState.SUCCEEDED
    not_sent: Reason = Reason.NOT_SENT
    failure: Failure | None = None

    def record(self) -> StepResult:
        """The ending as JSON."""
        return {
            "ending": {
                "state": self.state.value,
                "not_sent": self.not_sent.value,
                "failure": dict(asdict(self.failure)) if self.failure else None,
            }
        }

    @classmethod
    def of(cls, result: StepResult) -> Ending | None:
        """The ending in a step's result, if there is one."""
        record = cast("dict[str, str] | None", result.get("ending"))
        if record is None:
            return None
        failure = cast("dict[str, str] | None", record["failure"])
        return cls(TransferState(record["state"]), Reason(record["not_sent"]), Failure(**failure) if failure else None)


CANCELLED = Ending(TransferState.CANCELLED, Reason.CANCELLED)
"""Of a transfer that was cancelled."""
OVERDUE = Ending(
    TransferState.FAILED,
    Reason.NOT_SENT,
    Failure("DEADLINE", "the deadline passed before the transfer had ended", "Share again, with more time."),
)
"""Of a transfer whose deadline passed."""


def failed(failure: Failure) -> Ending:
    """Of a transfer that failed."""
    return Ending(TransferState.FAILED, Reason.NOT_SENT, failure)


class EndsEarly(Exception):
    """A transfer ends before its time."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.state)
        self.ending = ending


def heed(*, cancelled: bool, deadline: datetime | None, now: Callable[[], datetime]) -> None:
    """Raises EndsEarly if the transfer was cancelled, or its deadline has passed."""
    if cancelled:
        raise EndsEarly(CANCELLED)
    if deadline is not None and now() >= deadline:
        raise EndsEarly(OVERDUE)
