"""What the flow service keeps: connections, their sources and targets, flows and runs (rtcdp 6.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.platform.flow_service.bodies import CHECKS
from audience_gateway_sandbox.platform.flow_service.specs import FLOW_SPECS, KNOWN_SPECS
from audience_gateway_sandbox.platform.storage import Document, Space, name_uuid
from audience_gateway_sandbox.platform.wire import Call, Refusal, checked

CONNECTIONS, SOURCES, TARGETS, FLOWS, RUNS = "connections", "sourceConnections", "targetConnections", "flows", "runs"
KINDS = (CONNECTIONS, SOURCES, TARGETS, FLOWS, RUNS)
_SET_BY_US = frozenset(
    {"id", "etag", "version", "createdAt", "updatedAt", "createdBy", "createdClient",
     "sandboxId", "sandboxName", "imsOrgId"}
)  # fmt: skip
_SECRETS = frozenset(
    {"secretKey", "s3SecretKey", "password", "sshKey", "connectionString", "client_secret", "clientSecret", "token"}
)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A member of an object that holds ids of others."""

    kind: str
    member: str
    of: str


_REFERENCES = (
    _Reference(SOURCES, "baseConnectionId", CONNECTIONS),
    _Reference(TARGETS, "baseConnectionId", CONNECTIONS),
    _Reference(FLOWS, "sourceConnectionIds", SOURCES),
    _Reference(FLOWS, "targetConnectionIds", TARGETS),
    _Reference(RUNS, "flowId", FLOWS),
)


def etag_of(document: Document) -> str:
    """Tell the etag of an object, in its double quotes; it changes with each write."""
    return f'"{name_uuid(document.id, str(document.version))}"'


def shown(document: Document, space: Space) -> dict[str, Any]:
    """Show an object; secrets of connections are not shown."""
    return {
        **_without_secrets(document.body),
        "id": document.id,
        "createdAt": document.created_ms,
        "updatedAt": document.updated_ms,
        "createdBy": credentials.TECHNICAL_ACCOUNT,
        "createdClient": credentials.CLIENT_ID,
        "sandboxId": space.sandbox["sandboxId"],
        "sandboxName": space.name,
        "imsOrgId": space.org,
        "version": etag_of(document),
        "etag": etag_of(document),
    }


def kept(kind: str, body: dict[str, Any], space: Space) -> dict[str, Any]:
    """Check an object and leave out of it what callers do not set. Raises Refusal."""
    made: dict[str, Any] = checked(
        CHECKS[kind], {name: value for name, value in body.items() if name not in _SET_BY_US}
    )
    _check_specification(made)
    for reference in _REFERENCES:
        if reference.kind == kind:
            _check_reference(reference, made, space)
    if kind in {CONNECTIONS, FLOWS}:
        made.setdefault("state", "enabled")
    if kind == FLOWS:
        made.setdefault("transformations", [])
        made.setdefault("inheritedAttributes", {"properties": {"isDestinationFlow": True}})
    return made


def found(space: Space, kind: str, id_: str) -> Document:
    """Find an object. Raises Refusal if it is not there."""
    document = space.documents(kind).get(id_)
    if document is None:
        raise Refusal(404, f"{kind} not found with id = [requested]", title="NOT_FOUND")
    return document


def changed(call: Call, kind: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Document:
    """Change an object whose etag the caller knows. Raises Refusal: 400 without an etag, 412 with an old one."""
    document = found(call.space, kind, call.ids["id"])
    given = call.headers.get("if-match", "").strip()
    if not given:
        raise Refusal(400, "The header If-Match is required.")
    if given not in {"*", etag_of(document), etag_of(document).strip('"')}:
        raise Refusal(
            412, f"Supplied version=[given] does not match the current version on entity=[{kind}]", title="STALE_ETAG"
        )
    return call.space.documents(kind).put(document.id, kept(kind, change(document.body), call.space))


def remove(space: Space, kind: str, id_: str) -> None:
    """Remove an object. Raises Refusal: 404 if it is not there, 409 while another needs it."""
    found(space, kind, id_)
    for reference in _REFERENCES:
        if reference.of == kind and reference.kind != RUNS and space.assumptions.used_connections_stay:
            users = space.documents(reference.kind)
            if any(id_ in _ids(user.body.get(reference.member)) for user in users):
                raise Refusal(409, f"The object is used by one of the {reference.kind}.", title="CONFLICT")
    space.documents(kind).remove(id_)


def _check_specification(body: dict[str, Any]) -> None:
    for name, known in (("connectionSpec", KNOWN_SPECS), ("flowSpec", FLOW_SPECS)):
        specification = body.get(name)
        if specification is not None and specification["id"] not in known:
            raise Refusal(400, "Please provide a valid spec id")


def _check_reference(reference: _Reference, body: dict[str, Any], space: Space) -> None:
    for id_ in _ids(body.get(reference.member)):
        if space.documents(reference.of).get(id_) is None:
            raise Refusal(400, f"{reference.member} names an object that is not there.")


def _ids(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _without_secrets(body: dict[str, Any]) -> dict[str, Any]:
    authentication = body.get("auth")
    params = authentication.get("params") if isinstance(authentication, dict) else None
    if not isinstance(authentication, dict) or not isinstance(params, dict):
        return body
    hidden = {name: value for name, value in params.items() if name not in _SECRETS}
    return body | {"auth": authentication | {"params": hidden}}
