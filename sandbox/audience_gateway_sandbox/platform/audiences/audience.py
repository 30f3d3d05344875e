"""Audiences as they are kept, and as the two services that show them do: audiences, and segment definitions."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.platform.segmentation.errors import invalid
from audience_gateway_sandbox.platform.segmentation.pql import read_pql
from audience_gateway_sandbox.platform.segmentation.pql_json import read_pql_json
from audience_gateway_sandbox.platform.segmentation.pql_tree import (
    Both,
    InAudience,
    Not,
    PqlError,
    Rule,
    parts_of,
)
from audience_gateway_sandbox.platform.storage import Document, Documents, Space, name_uuid

KIND = "audience"
RULED = "SegmentDefinition"
EXTERNAL = frozenset({"ExternalSegment", "ExternalAudience"})
OWN_NAMESPACE = "AEPSegments"
PROFILES = "_xdm.context.profile"
_PROFILE_ORIGIN = "REAL_TIME_CUSTOMER_PROFILE"
_UPLOAD_ORIGIN = "CUSTOM_UPLOAD"
_UPLOAD_NAMESPACE = "CustomerAudienceUpload"
_SECOND = 1000
_MOST_PARTS = 500
SET_BY_US = frozenset(
    {"id", "imsOrgId", "sandbox", "creationTime", "updateTime", "createEpoch", "updateEpoch", "createdBy", "_etag",
     "dependents", "dependencies", "isSystem", "profileInstanceId"}
)  # fmt: skip
"""Members that callers may send, as they got them, but do not set."""


def audiences(space: Space) -> Documents:
    """All audiences of a sandbox."""
    return space.documents(KIND)


def rule_of(expression: Any) -> Rule:  # noqa: ANN401 - as callers send it
    """Read the expression of an audience. Raises Refusal if it is none, or not understood."""
    value = expression.get("value") if isinstance(expression, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise invalid("The expression must be an object with type, format and value.")
    try:
        rule = read_pql_json(value) if expression.get("format") == "pql/json" else read_pql(value)
    except PqlError as error:
        raise invalid(str(error)) from None
    if parts_of(rule) > _MOST_PARTS:
        raise invalid(f"The expression has more than {_MOST_PARTS} parts.")
    return rule


def references_of(rule: Rule) -> set[str]:
    """Tell which other audiences a rule names."""
    match rule:
        case InAudience(audience):
            return {audience}
        case Not(inner):
            return references_of(inner)
        case Both(_, rules):
            return {reference for each in rules for reference in references_of(each)}
        case _:
            return set()


def kept(body: dict[str, Any]) -> dict[str, Any]:
    """Turn what a caller sends into what is kept: checked, completed, and without what we set ourselves.

    Raises Refusal for an audience without a name, of an unknown type, or with an expression that is not understood.
    """
    made = {name: value for name, value in body.items() if name not in SET_BY_US}
    if not isinstance(made.get("name"), str) or not made["name"].strip():
        raise invalid("The name must not be empty.")
    kind = made.setdefault("type", RULED if "expression" in made else "ExternalSegment")
    if kind not in EXTERNAL | {RULED}:
        raise invalid("The type must be SegmentDefinition, ExternalSegment or ExternalAudience.")
    if kind == RULED:
        rule_of(made.get("expression"))
    lifecycle = made.pop("lifecycle", None) or made.pop("lifecycleStatus", None) or "published"
    for name, value in _defaults(kind).items():
        made.setdefault(name, value)
    made.setdefault("lifecycleState", lifecycle)
    return made


def shown(document: Document, space: Space) -> dict[str, Any]:
    """Show an audience as the audience service does (rtcdp 1.2); times in ms, epochs in s."""
    body = document.body
    times = (
        (document.created, document.updated)
        if space.faults.microsecond_times
        else (document.created_ms, document.updated_ms)
    )
    rule = rule_of(body["expression"]) if body["type"] == RULED else None
    return {
        "audienceId": document.id,
        **body,
        "id": document.id,
        "profileInstanceId": "ups",
        "imsOrgId": space.org,
        "sandbox": space.sandbox,
        "isSystem": False,
        "creationTime": times[0],
        "updateTime": times[1],
        "createEpoch": document.created_ms // _SECOND,
        "updateEpoch": document.updated_ms // _SECOND,
        "createdBy": credentials.TECHNICAL_ACCOUNT,
        "_etag": f'"{name_uuid(document.id, str(document.version))}"',
        "dependencies": sorted(references_of(rule)) if rule else [],
        "dependents": [],
    }


def _defaults(kind: str) -> dict[str, Any]:
    ruled = kind == RULED
    made: dict[str, Any] = {
        "description": "",
        "namespace": OWN_NAMESPACE if ruled else _UPLOAD_NAMESPACE,
        "originName": _PROFILE_ORIGIN if ruled else _UPLOAD_ORIGIN,
        "schema": {"name": PROFILES},
        "labels": [],
    }
    if ruled:
        made["mergePolicyId"] = name_uuid("merge policy", "default")
        made["evaluationInfo"] = {kind: {"enabled": kind == "batch"} for kind in ("batch", "continuous", "synchronous")}
        made["dataGovernancePolicy"] = {"excludeOptOut": True}
    return made
