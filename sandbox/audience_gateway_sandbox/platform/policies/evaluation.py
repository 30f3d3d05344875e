"""Asks policies whether a marketing action may be done with data (rtcdp 8.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.platform.policies.labels import KIND as LABELS
from audience_gateway_sandbox.platform.policies.labels import dataset_labels, field_of, holds
from audience_gateway_sandbox.platform.policies.policy import ACTION, CORE_ACTIONS, action_reference, violated
from audience_gateway_sandbox.platform.storage import Space
from audience_gateway_sandbox.platform.wire import Answer, Call, Refusal

_REFERENCE = re.compile(r".*/marketingActions/(core|custom)/([^/?]+)/constraints/?")


def by_labels(call: Call) -> Answer:
    """Judge labels that the query names."""
    labels = [label.strip() for label in call.required("duleLabels").split(",") if label.strip()]
    return Answer(_judged(call, call.ids["kind"], call.ids["name"], labels, drafts=call.flag("includeDraft")))


def by_entities(call: Call) -> Answer:
    """Judge the labels of datasets, or of those of their fields that are named."""
    return Answer(_of_entities(call, call.ids["kind"], call.ids["name"], call.body, drafts=call.flag("includeDraft")))


def in_bulk(call: Call) -> Answer:
    """Judge several times; each part is answered by itself."""
    return Answer([_part(call, part) for part in call.body], 207)


def _part(call: Call, part: dict[str, Any]) -> dict[str, Any]:
    try:
        status, body = 200, _judged_part(call, part)
    except Refusal as refusal:
        status, body = refusal.status, {"detail": refusal.message}
    return {"status": status, "evalRef": part["evalRef"], "body": body}


def _judged_part(call: Call, part: dict[str, Any]) -> dict[str, Any]:
    reference = _REFERENCE.fullmatch(part["evalRef"])
    if reference is None:
        raise Refusal(400, "The evalRef names no constraints of a marketing action.")
    kind, name = reference.groups()
    drafts = part.get("includeDraft", False)
    if "entityList" in part:
        return _of_entities(call, kind, name, part["entityList"], drafts=drafts)
    return _judged(call, kind, name, part.get("labels", []), drafts=drafts)


def _of_entities(
    call: Call, kind: str, name: str, entities: Sequence[dict[str, Any]], *, drafts: bool
) -> dict[str, Any]:
    discovered = [_discovered(call.space, entity) for entity in entities]
    labels = sorted(
        {
            label
            for each in discovered
            for part in (each["dataSetLabels"]["dataSet"], *each["dataSetLabels"]["fields"])
            for label in part["labels"]
        }
    )
    return _judged(call, kind, name, labels, drafts=drafts) | {"discoveredLabels": discovered}


def _discovered(space: Space, entity: dict[str, Any]) -> dict[str, Any]:
    whole, fields = dataset_labels(space.documents(LABELS).get(entity["entityId"]))
    named = entity.get("entityMeta", {}).get("fields")
    wanted = None if named is None else {field_of(path) for path in named}
    return {
        "entityType": entity["entityType"],
        "entityId": entity["entityId"],
        "dataSetLabels": {
            "connection": {"labels": []},
            "dataSet": {"labels": whole},
            "fields": [
                {"path": "/properties/" + "/properties/".join(field.split(".")), "labels": labels}
                for field, labels in fields.items()
                if wanted is None or any(holds(field, each) or holds(each, field) for each in wanted)
            ],
        },
    }


def _judged(call: Call, kind: str, name: str, labels: Sequence[str], *, drafts: bool) -> dict[str, Any]:
    known = name in CORE_ACTIONS if kind == "core" else call.space.documents(ACTION).get(name) is not None
    if kind not in {"core", "custom"} or not known:
        raise Refusal(404, "The marketing action is not found.")
    reference = action_reference(kind, name)
    return {
        "timestamp": call.space.milliseconds,
        "clientId": credentials.CLIENT_ID,
        "userId": credentials.TECHNICAL_ACCOUNT,
        "imsOrg": call.space.org,
        "marketingActionRef": f"{call.origin}/data/foundation/dulepolicy{reference}",
        "duleLabels": list(labels),
        "violatedPolicies": violated(call.space, reference, labels, drafts=drafts),
    }
