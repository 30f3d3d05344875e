"""Bodies of the service of external audiences (rtcdp 1.7)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.wire import OPEN

_Days = int | Annotated[str, Field(pattern="^[0-9]{1,3}$")]


@with_config(OPEN)
class FieldOfFile(TypedDict):
    """A column of the file; the identity's tells its namespace."""

    name: str
    type: Literal["string", "number", "long", "integer", "date", "datetime", "boolean"]
    identityNs: NotRequired[str | None]
    labels: NotRequired[list[str]]


@with_config(OPEN)
class SourceParams(TypedDict):
    """Where the file is."""

    path: str
    type: NotRequired[Literal["file", "folder"]]
    sourceType: NotRequired[str]
    cloudType: NotRequired[Literal["S3", "DLZ", "GCS", "Azure", "SFTP"]]
    baseConnectionId: NotRequired[str]


@with_config(OPEN)
class SourceSpec(TypedDict):
    """Where an audience comes from."""

    params: SourceParams


@with_config(OPEN)
class NewExternalAudience(TypedDict):
    """An external audience as callers send it."""

    name: Annotated[str, Field(min_length=1)]
    fields: Annotated[list[FieldOfFile], Field(min_length=1, max_length=41)]
    sourceSpec: SourceSpec
    description: NotRequired[str | None]
    customAudienceId: NotRequired[str]
    ttlInDays: NotRequired[_Days]
    audienceType: NotRequired[str]
    originName: NotRequired[str]
    namespace: NotRequired[str]
    labels: NotRequired[list[str]]
    tags: NotRequired[list[str]]


@with_config(OPEN)
class ChangedExternalAudience(TypedDict):
    """What of an external audience can be changed."""

    description: NotRequired[str]
    labels: NotRequired[list[str]]
    fields: NotRequired[list[FieldOfFile]]
    ttlInDays: NotRequired[_Days]


@with_config(OPEN)
class NewRun(TypedDict):
    """A run as callers send it; seconds since the epoch."""

    dataFilterStartTime: int
    dataFilterEndTime: NotRequired[int]


@with_config(OPEN)
class Operation(TypedDict):
    """An operation as it is shown."""

    operationId: str
    operationDetails: dict[str, Any]


@with_config(OPEN)
class Run(TypedDict):
    """A run as it is shown."""

    runId: str
    audienceId: str
    status: str


@with_config(OPEN)
class Runs(TypedDict):
    """The runs of an audience."""

    runs: list[Run]
