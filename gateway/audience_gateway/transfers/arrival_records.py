"""Deliveries that arrive as database rows and JSON, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from audience_gateway.jobs.engine import Json
from audience_gateway.sdk import Arrival, ArrivalStage
from audience_gateway.storage.clock import utc
from audience_gateway.transfers.arriving import Arriving
from audience_gateway.transfers.model import Failure

Record = dict[str, Any]


def stage_record(stage: ArrivalStage) -> dict[str, Json]:
    """A stage as JSON."""
    return {"name": stage.name, "meaning": stage.meaning, "within_seconds": stage.within.total_seconds()}


def stage(record: Record) -> ArrivalStage:
    """A stage from JSON."""
    return ArrivalStage(
        name=record["name"], meaning=record["meaning"], within=timedelta(seconds=record["within_seconds"])
    )


def stages_record(stages: Sequence[ArrivalStage], known: Sequence[Arrival]) -> list[Record]:
    """Stages and what is known of them as JSON."""
    return [stage_record(one) | _arrival_record(arrival) for one, arrival in zip(stages, known, strict=True)]


def finding_record(finding: Failure | None) -> Record | None:
    """A finding as JSON."""
    return asdict(finding) if finding else None


def arriving(row: Record) -> Arriving:
    """A delivery from its row."""
    return Arriving(
        transfer=row["transfer"],
        connection=row["connection"],
        delivered=utc(row["delivered"]),
        stages=tuple(stage(record) for record in row["stages"]),
        known=tuple(_arrival(record) for record in row["stages"]),
        finding=Failure(**row["finding"]) if row["finding"] else None,
        looks=row["looks"],
        looked=utc(row["looked"]) if row["looked"] else None,
        next_look=utc(row["next_look"]) if row["next_look"] else None,
    )


def _arrival_record(arrival: Arrival) -> Record:
    return {
        "reached": arrival.reached.isoformat() if arrival.reached else None,
        "failed": arrival.failed,
        "due": arrival.due.isoformat() if arrival.due else None,
        "counts": dict(arrival.counts),
        "message": arrival.message,
        "remedy": arrival.remedy,
    }


def _arrival(record: Record) -> Arrival:
    return Arrival(
        stage=record["name"],
        reached=datetime.fromisoformat(record["reached"]) if record["reached"] else None,
        failed=record["failed"],
        due=datetime.fromisoformat(record["due"]) if record["due"] else None,
        counts=record["counts"],
        message=record["message"],
        remedy=record["remedy"],
    )
