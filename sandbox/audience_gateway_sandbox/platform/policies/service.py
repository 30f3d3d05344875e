"""The policy service, `/data/foundation/dulepolicy`, and labels of datasets (rtcdp 8.1, 8.2)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.policies import bodies, evaluation
from audience_gateway_sandbox.platform.policies.labels import KIND as LABELS
from audience_gateway_sandbox.platform.policies.policy import (
    ACTION,
    CORE_ACTIONS,
    ENABLED_CORE,
    KIND,
    action_reference,
    core_policies,
)
from audience_gateway_sandbox.platform.storage import Document
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Refusal, Service

_BASE = "/data/foundation/dulepolicy"
_LABELS = "/data/foundation/dataset/datasets/{id}/labels"
_TITLES = {400: "Bad Request", 404: "Not Found"}


def policy_service() -> Service:
    """List the addresses."""
    constraints = f"{_BASE}/marketingActions/{{kind}}/{{name}}/constraints"
    own = f"{_BASE}/policies/custom"
    one = f"{own}/{{id}}"
    judged, drafts = {200: bodies.Evaluation}, {"includeDraft": "boolean"}
    return Service(
        "Policies",
        _error,
        (
            Endpoint(
                "GET",
                constraints,
                evaluation.by_labels,
                "Tells which policies deny a marketing action on data with labels; a violation is no error.",
                judged,
                (400, 404),
                query={"duleLabels!": "string"} | drafts,
            ),
            Endpoint(
                "POST",
                constraints,
                evaluation.by_entities,
                "Tells which policies deny a marketing action on datasets.",
                judged,
                (400, 404),
                list[bodies.Entity],
                query=drafts,
            ),
            Endpoint(
                "POST",
                f"{_BASE}/bulk-eval",
                evaluation.in_bulk,
                "Evaluates several times.",
                {207: list[dict[str, Any]]},
                (400,),
                list[bodies.BulkPart],
            ),
            Endpoint(
                "GET",
                f"{_BASE}/marketingActions/{{kind}}",
                _actions,
                "Lists the core or the custom marketing actions.",
                {200: bodies.Listed},
                (404,),
            ),
            Endpoint(
                "PUT",
                f"{_BASE}/marketingActions/custom/{{name}}",
                _put_action,
                "Adds or changes a marketing action.",
                {200: dict[str, Any], 201: dict[str, Any]},
                (400,),
                bodies.NewAction,
            ),
            Endpoint(
                "GET", f"{_BASE}/policies/core", _core, "Lists the policies of the platform.", {200: bodies.Listed}
            ),
            Endpoint("GET", own, _own, "Lists the policies that callers made.", {200: bodies.Listed}),
            Endpoint("POST", own, _add, "Adds a policy.", {201: bodies.Policy}, (400,), bodies.NewPolicy),
            Endpoint("GET", one, _show, "Shows a policy.", {200: bodies.Policy}, (404,)),
            Endpoint("PUT", one, _replace, "Replaces a policy.", {200: bodies.Policy}, (400, 404), bodies.NewPolicy),
            Endpoint("DELETE", one, _remove, "Deletes a policy.", {200: None}, (404,)),
            Endpoint(
                "GET",
                f"{_BASE}/enabledCorePolicies",
                _enabled,
                "Tells which core policies are enabled.",
                {200: bodies.EnabledCore},
            ),
            Endpoint(
                "PUT",
                f"{_BASE}/enabledCorePolicies",
                _enable,
                "Enables core policies, and disables the others.",
                {200: bodies.EnabledCore},
                (400,),
                bodies.EnabledCore,
            ),
            Endpoint("GET", _LABELS, _labels, "Shows the labels of a dataset.", {200: bodies.DatasetLabels}, (404,)),
            Endpoint(
                "PUT",
                _LABELS,
                _label,
                "Labels a dataset and its fields.",
                {200: bodies.DatasetLabels},
                (400,),
                bodies.DatasetLabels,
            ),
        ),
    )


def _error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    return {
        "type": "http://ns.adobe.com/adobecloud/problem/dulepolicy",
        "status": refusal.status,
        "title": _TITLES.get(refusal.status, "Error"),
        "detail": refusal.message,
        "requestId": request_id,
    }


def _listed(children: list[dict[str, Any]]) -> Answer:
    return Answer({"children": children, "_page": {"count": len(children)}, "_links": {}})


def _actions(call: Call) -> Answer:
    kind = call.ids["kind"]
    if kind not in {"core", "custom"}:
        raise Refusal(404, "Marketing actions are core or custom.")
    own = {each.id: each.body for each in call.space.documents(ACTION)}
    names: dict[str, dict[str, Any]] = {name: {} for name in sorted(CORE_ACTIONS)} if kind == "core" else own
    return _listed([{**body, "name": name, "href": action_reference(kind, name)} for name, body in names.items()])


def _put_action(call: Call) -> Answer:
    name, actions = call.ids["name"], call.space.documents(ACTION)
    if actions.get(name) is None:
        return Answer(actions.add(call.body, name).body | {"name": name}, 201)
    return Answer(actions.put(name, call.body).body | {"name": name})


def _core(call: Call) -> Answer:
    return _listed(core_policies(call.space))


def _own(call: Call) -> Answer:
    return _listed([_shown(each) for each in call.space.documents(KIND)])


def _add(call: Call) -> Answer:
    return Answer(_shown(call.space.documents(KIND).add({"status": "DRAFT"} | call.body)), 201)


def _show(call: Call) -> Answer:
    return Answer(_shown(_found(call)))


def _replace(call: Call) -> Answer:
    return Answer(_shown(call.space.documents(KIND).put(_found(call).id, {"status": "DRAFT"} | call.body)))


def _remove(call: Call) -> Answer:
    call.space.documents(KIND).remove(_found(call).id)
    return Answer()


def _enabled(call: Call) -> Answer:
    document = call.space.documents(ENABLED_CORE).get(ENABLED_CORE)
    return Answer(document.body if document else {"policyIds": []})


def _enable(call: Call) -> Answer:
    known = {policy["id"] for policy in core_policies(call.space)}
    if not known.issuperset(call.body["policyIds"]):
        raise Refusal(400, "One of policyIds is no core policy.")
    documents = call.space.documents(ENABLED_CORE)
    documents.remove(ENABLED_CORE)
    return Answer(documents.add({"policyIds": call.body["policyIds"]}, ENABLED_CORE).body)


def _labels(call: Call) -> Answer:
    document = call.space.documents(LABELS).get(call.ids["id"])
    if document is None:
        raise Refusal(404, "The dataset has no labels.")
    return Answer(_labels_shown(document))


def _label(call: Call) -> Answer:
    labels = call.space.documents(LABELS)
    labels.remove(call.ids["id"])
    fields = {each["option"]["schemaPath"]: each["labels"] for each in call.body.get("optionalLabels", [])}
    return Answer(_labels_shown(labels.add({"labels": call.body["labels"], "fields": fields}, call.ids["id"])))


def _labels_shown(document: Document) -> dict[str, Any]:
    fields = document.body["fields"].items()
    return {
        "datasetId": document.id,
        "labels": document.body["labels"],
        "optionalLabels": [{"option": {"schemaPath": path}, "labels": labels} for path, labels in fields],
    }


def _shown(document: Document) -> dict[str, Any]:
    return document.body | {"id": document.id, "created": document.created_ms, "updated": document.updated_ms}


def _found(call: Call) -> Document:
    document = call.space.documents(KIND).get(call.ids["id"])
    if document is None:
        raise Refusal(404, "The policy is not found.")
    return document
