"""Bodies of the job services (rtcdp 1.5, 1.6)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.wire import OPEN


@with_config(OPEN)
class WantedSegment(TypedDict):
    """An audience that is to be evaluated; `*` for all."""

    segmentId: str


@with_config(OPEN)
class AllSegments(TypedDict):
    """The other form of a segment job."""

    segments: list[WantedSegment]


@with_config(OPEN)
class Job(TypedDict):
    """A segment job as it is shown."""

    id: str
    status: str
    segments: list[dict[str, Any]]


@with_config(OPEN)
class JobPage(TypedDict):
    """A page of segment jobs or schedules."""

    children: list[dict[str, Any]]
    _page: dict[str, Any]
    _links: dict[str, Any]


@with_config(OPEN)
class ExportedSegment(TypedDict):
    """An audience that is to be exported."""

    segmentId: str
    segmentNs: NotRequired[str]
    status: NotRequired[list[str]]


@with_config(OPEN)
class Window(TypedDict):
    """Between which times members qualified."""

    startTime: NotRequired[str | None]
    endTime: NotRequired[str | None]


@with_config(OPEN)
class ExportFilter(TypedDict):
    """Which profiles are to be exported."""

    segments: NotRequired[list[ExportedSegment] | None]
    segmentQualificationTime: NotRequired[Window | None]
    fromIngestTimestamp: NotRequired[str | None]


@with_config(OPEN)
class ExportDestination(TypedDict):
    """Where an export goes."""

    datasetId: str
    segmentPerBatch: NotRequired[bool]


@with_config(OPEN)
class NewExport(TypedDict):
    """An export job as callers send it."""

    destination: ExportDestination
    fields: NotRequired[str | None]
    filter: NotRequired[ExportFilter | None]


@with_config(OPEN)
class Export(TypedDict):
    """An export job as it is shown."""

    id: int
    status: str


@with_config(OPEN)
class ExportPage(TypedDict):
    """A page of export jobs."""

    records: list[Export]
    page: dict[str, Any]
    link: dict[str, str]


@with_config(OPEN)
class ScheduleProperties(TypedDict):
    """What a schedule is for: ids of audiences, or `*`."""

    segments: list[str]


@with_config(OPEN)
class NewSchedule(TypedDict):
    """A schedule as callers send it."""

    name: str
    type: Literal["batch_segmentation"]
    properties: ScheduleProperties
    schedule: Annotated[str, Field(pattern=r"^ *[0-9]{1,2} [0-9]{1,2} [0-9]{1,2} ([?*] \* [?*]|\* \* \?)( \*)? *$")]
    state: NotRequired[Literal["active", "inactive"]]
