"""Profile lookup, `/data/core/ups/access/entities` (rtcdp 7, sandbox 5.7)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.identities.identity import xid_of
from audience_gateway_sandbox.platform.identities.namespaces import by_code
from audience_gateway_sandbox.platform.profiles.profile import entity_of
from audience_gateway_sandbox.platform.storage import name_uuid, written
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Refusal, Service

_PROFILES = "_xdm.context.profile"
_QUERY = {
    "schema.name!": "string", "entityId!": "string", "entityIdNS!": "string", "fields": "string",
    "mergePolicyId": "string",
}  # fmt: skip


def lookup_service() -> Service:
    """List the addresses."""
    return Service(
        "Profile lookup",
        _error,
        (
            Endpoint(
                "GET",
                "/data/core/ups/access/entities",
                _look_up,
                "Shows the profile of an identity.",
                {200: dict[str, Any]},
                (400, 403, 404),
                query=_QUERY,
            ),
        ),
    )


def _error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    return {
        "statusCode": str(refusal.status),
        "message": refusal.message,
        "requestId": request_id,
        **({"code": refusal.code} if refusal.code else {}),
    }


def _look_up(call: Call) -> Answer:
    if not call.space.assumptions.profile_lookup:
        raise Refusal(403, "UPS-ACC-1000004: IMS Org is not provisioned.", code="UPS-ACC-1000004")
    if call.required("schema.name") != _PROFILES:
        raise Refusal(400, f"Only the schema {_PROFILES} can be looked up.")
    value, namespace = call.required("entityId"), by_code(call.space, call.required("entityIdNS"))
    row = (
        namespace
        and call.space.database.execute(
            "SELECT profile.id, profile.modified, identity.namespace FROM identity"
            " JOIN profile ON profile.id = identity.profile"
            " WHERE identity.space = ? AND identity.namespace = ? AND identity.value = ?",
            (call.space.name, namespace.code, value),
        ).fetchone()
    )
    if not row:
        raise Refusal(404, "The profile is not found.")
    profile, modified, code = row
    wanted = [field.partition(".")[0] for field in call.text("fields").split(",") if field]
    entity = entity_of(call.space, profile)
    found = {
        "entityId": xid_of(code, value),
        "mergePolicy": {"id": call.text("mergePolicyId") or name_uuid("merge policy", "default")},
        "sources": _sources(call, profile),
        "tags": [],
        "identityGraph": [xid_of(code_, each["id"]) for code_, ids in entity["identityMap"].items() for each in ids],
        "entity": {name: part for name, part in entity.items() if not wanted or name in wanted},
        "lastModifiedAt": written(modified),
    }
    return Answer({found["entityId"]: found})


def _sources(call: Call, profile: int) -> list[str]:
    rows = call.space.database.execute(
        "SELECT DISTINCT dataset FROM fragment JOIN identity USING (space, namespace, value) WHERE identity.profile = ?"
        " ORDER BY dataset",
        (profile,),
    )
    return [row[0] for row in rows]
