"""Bodies of the policy service and of labels (rtcdp 8.2)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.wire import OPEN


@with_config(OPEN)
class NewPolicy(TypedDict):
    """A policy as callers send it."""

    name: str
    marketingActionRefs: list[str]
    deny: dict[str, Any]
    status: NotRequired[Literal["DRAFT", "ENABLED", "DISABLED"]]
    description: NotRequired[str | None]


@with_config(OPEN)
class Policy(TypedDict):
    """A policy as it is shown."""

    id: str
    name: str
    status: str
    marketingActionRefs: list[str]
    deny: dict[str, Any]


@with_config(OPEN)
class Listed(TypedDict):
    """A list."""

    children: list[dict[str, Any]]
    _page: dict[str, Any]


@with_config(OPEN)
class NewAction(TypedDict):
    """A marketing action as callers send it."""

    name: NotRequired[str]
    description: NotRequired[str | None]


@with_config(OPEN)
class EntityMeta(TypedDict):
    """Which fields of an entity are meant."""

    fields: NotRequired[list[str]]


@with_config(OPEN)
class Entity(TypedDict):
    """A dataset whose labels count."""

    entityType: str
    entityId: str
    entityMeta: NotRequired[EntityMeta]


@with_config(OPEN)
class Evaluation(TypedDict):
    """What an evaluation came to; a violation is no error."""

    timestamp: int
    clientId: str
    userId: str
    imsOrg: str
    marketingActionRef: str
    duleLabels: list[str]
    violatedPolicies: list[Policy]


@with_config(OPEN)
class BulkPart(TypedDict):
    """One of several evaluations."""

    evalRef: str
    includeDraft: NotRequired[bool]
    labels: NotRequired[list[str]]
    entityList: NotRequired[list[Entity]]


@with_config(OPEN)
class EnabledCore(TypedDict):
    """Which core policies are enabled."""

    policyIds: list[str]


@with_config(OPEN)
class LabelledField(TypedDict):
    """Where a label of a field stands."""

    schemaPath: str


@with_config(OPEN)
class FieldLabels(TypedDict):
    """Labels of a field."""

    option: LabelledField
    labels: list[str]


@with_config(OPEN)
class DatasetLabels(TypedDict):
    """Labels of a dataset and of its fields."""

    labels: list[str]
    optionalLabels: NotRequired[list[FieldLabels]]
