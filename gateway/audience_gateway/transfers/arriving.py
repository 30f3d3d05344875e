"""A delivery on its way through the stages of its destination, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from audience_gateway.sdk import DELIVERED, Arrival, ArrivalStage
from audience_gateway.transfers.arrivals import ArrivalState, StageArrival
from audience_gateway.transfers.model import Failure

_DELIVERED_MEANING = "Everything is where the connector writes to."


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """A delivery, and what is known of it.

    Attributes:
        transfer: id of the transfer.
        connection: name of the connection that it went to.
        delivered: when the last of it was written, in UTC.
        stages: the stages, in their order.
        known: what is known of each, in the same order.
        finding: why nothing could be found out when it was last asked about; None if something could.
        looks: how often it was asked about.
        looked: when it was last asked about, in UTC; None if it never was.
        next_look: when it is to be asked about again, in UTC; None for never.
    """

    transfer: str
    connection: str
    delivered: datetime
    stages: tuple[ArrivalStage, ...]
    known: tuple[Arrival, ...]
    finding: Failure | None = None
    looks: int = 0
    looked: datetime | None = None
    next_look: datetime | None

    @property
    def settled(self) -> bool:
        """Whether nothing will change any more: the last stage is reached, or one has failed."""
        return self.known[-1].reached is not None or any(one.failed for one in self.known)

    @property
    def last_due(self) -> datetime:
        """When the last of the stages is due."""
        return max(self.due(index) for index in range(len(self.stages)))

    def due(self, index: int) -> datetime:
        """When a stage is due."""
        return self.known[index].due or self.delivered + self.stages[index].within

    def overdue(self, index: int, now: datetime) -> bool:
        """Whether a stage should have been reached by now, and is not."""
        return not self.settled and self.known[index].reached is None and now >= self.due(index)

    def view(self, now: datetime) -> tuple[StageArrival, ...]:
        """How it stands with each stage at a time, that of being delivered first."""
        delivered = StageArrival(
            stage=DELIVERED, meaning=_DELIVERED_MEANING, state=ArrivalState.REACHED, reached=self.delivered
        )
        return delivered, *self._stages(now)

    def _stages(self, now: datetime) -> Iterator[StageArrival]:
        failed, finding = "", self.finding
        for index, (stage, known) in enumerate(zip(self.stages, self.known, strict=True)):
            message, remedy = known.message, known.remedy
            if failed and not message:
                message = f"`{failed}` has failed"
            if not known.reached and finding:  # once, at the stage that is waited for
                message, remedy, finding = f"not found out: {finding.message}", finding.remedy, None
            yield StageArrival(
                stage=stage.name,
                meaning=stage.meaning,
                state=ArrivalState.FAILED if failed else self._state(index, now),
                reached=known.reached,
                due=self.due(index),
                counts=known.counts,
                message=message,
                remedy=remedy,
            )
            if known.failed:
                failed = stage.name

    def _state(self, index: int, now: datetime) -> ArrivalState:
        known = self.known[index]
        if known.reached:
            return ArrivalState.REACHED
        if known.failed:
            return ArrivalState.FAILED
        if self.next_look is None:
            return ArrivalState.GIVEN_UP
        return ArrivalState.OVERDUE if self.overdue(index, now) else ArrivalState.PENDING


class UnusableAnswer(Exception):
    """A connector's answer about a delivery contradicts what it declared; the text says how."""


def begun(transfer: str, connection: str, stages: Sequence[ArrivalStage], delivered: datetime) -> Arriving:
    """A delivery of which nothing is known but when it was made."""
    return Arriving(
        transfer=transfer,
        connection=connection,
        delivered=delivered,
        stages=tuple(stages),
        known=tuple(Arrival(stage=stage.name) for stage in stages),
        next_look=delivered,
    )


def merged(arriving: Arriving, answers: Sequence[Arrival]) -> tuple[Arrival, ...]:
    """What is known with an answer: a stage that was reached stays so, and brings those before it.

    Raises UnusableAnswer.
    """
    names = [answer.stage for answer in answers]
    if len(set(names)) < len(names) or not set(names) <= {stage.name for stage in arriving.stages}:
        raise UnusableAnswer("the connector tells of a stage twice, or of one that it did not declare")
    if any(rows < 0 for answer in answers for rows in answer.counts.values()):
        raise UnusableAnswer("the connector counts less than nothing")
    by_stage = {answer.stage: answer for answer in answers}
    known = [_kept(before, by_stage.get(before.stage, before)) for before in arriving.known]
    reached = None
    for index, one in reversed(list(enumerate(known))):
        if reached and not one.reached:
            known[index] = replace(one, reached=reached, failed=False)
        reached = known[index].reached or reached
    return tuple(known)


def failing(arriving: Arriving, failure: Failure) -> tuple[Arrival, ...]:
    """What is known once the delivery can never arrive: the first stage that is not reached has failed."""
    first = next(index for index, one in enumerate(arriving.known) if not one.reached)
    failed = replace(arriving.known[first], failed=True, message=failure.message, remedy=failure.remedy)
    return (*arriving.known[:first], failed, *arriving.known[first + 1 :])


def _kept(before: Arrival, answer: Arrival) -> Arrival:
    return replace(answer, reached=before.reached, failed=False) if before.reached else answer
