"""Bodies that the services of audiences take and answer (rtcdp 1.1 to 1.4)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.wire import OPEN


@with_config(OPEN)
class Expression(TypedDict):
    """A rule in PQL."""

    type: NotRequired[str]
    format: NotRequired[str]
    value: str


@with_config(OPEN)
class NewDefinition(TypedDict):
    """A segment definition as callers send it."""

    name: Annotated[str, Field(pattern=r"\S")]
    description: NotRequired[str | None]
    expression: Expression


@with_config(OPEN)
class ChangedDefinition(TypedDict):
    """Members of a definition that are to change."""

    name: NotRequired[str]
    description: NotRequired[str | None]
    expression: NotRequired[Expression]


@with_config(OPEN)
class NewAudience(TypedDict):
    """An audience as callers send it."""

    name: Annotated[str, Field(pattern=r"\S")]
    audienceId: NotRequired[str]
    namespace: NotRequired[str]
    originName: NotRequired[str]
    description: NotRequired[str | None]
    type: NotRequired[Literal["SegmentDefinition", "ExternalSegment", "ExternalAudience"]]
    lifecycle: NotRequired[str]
    lifecycleState: NotRequired[str]
    labels: NotRequired[list[str]]
    expression: NotRequired[Expression]


@with_config(OPEN)
class Audience(TypedDict):
    """An audience as it is shown."""

    id: str
    audienceId: str
    name: str
    type: str
    namespace: str
    lifecycleState: str
    creationTime: int
    updateTime: int


@with_config(OPEN)
class Definition(TypedDict):
    """A segment definition as it is shown."""

    id: str
    name: str
    expression: Expression
    creationTime: int
    updateTime: int


@with_config(OPEN)
class AudiencePage(TypedDict):
    """A page of audiences."""

    children: list[Audience]
    _page: dict[str, Any]
    _links: dict[str, Any]


@with_config(OPEN)
class DefinitionPage(TypedDict):
    """A page of definitions."""

    segments: list[Definition]
    page: dict[str, Any]
    link: dict[str, Any]


@with_config(OPEN)
class WantedId(TypedDict):
    """One of the objects that are asked for."""

    id: str


@with_config(OPEN)
class BulkGet(TypedDict):
    """Which objects are asked for, 1 to 100."""

    ids: Annotated[list[WantedId], Field(max_length=100)]


@with_config(OPEN)
class BulkAnswer(TypedDict):
    """What is known of each of them."""

    results: dict[str, Any]


@with_config(OPEN)
class Conversion(TypedDict):
    """A rule to be written in the other format."""

    expression: Expression


@with_config(OPEN)
class Problem(TypedDict):
    """An error of the segmentation service."""

    requestId: str
    errors: dict[str, list[dict[str, Any]]]
    type: str
    title: str
    status: int
