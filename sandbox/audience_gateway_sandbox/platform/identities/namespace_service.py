"""The namespace service, `/data/core/idnamespace/identities` (rtcdp 2.3, sandbox 5.5)."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.identities import namespaces
from audience_gateway_sandbox.platform.identities.errors import identity_error
from audience_gateway_sandbox.platform.identities.namespaces import KINDS, Namespace, by_code, by_id
from audience_gateway_sandbox.platform.wire import OPEN, Answer, Call, Endpoint, Refusal, Service

_BASE = "/data/core/idnamespace/identities"
_KINDS = "^(" + "|".join(f"{kind}|{kind.capitalize()}" for kind in sorted(KINDS)) + ")$"
"""The idType appears in capitals and with one (rtcdp 2.3)."""


@with_config(OPEN)
class NewNamespace(TypedDict):
    """A namespace as callers send it."""

    name: Annotated[str, Field(min_length=1)]
    code: Annotated[str, Field(pattern="^[A-Za-z0-9_.]+$")]
    idType: Annotated[str, Field(pattern=_KINDS)]
    description: NotRequired[str | None]


@with_config(OPEN)
class ChangedNamespace(TypedDict):
    """Members of a namespace that are to change."""

    name: NotRequired[Annotated[str, Field(min_length=1)]]
    code: NotRequired[str]
    idType: NotRequired[str]
    description: NotRequired[str | None]


@with_config(OPEN)
class ShownNamespace(TypedDict):
    """A namespace as it is shown."""

    id: int
    code: str
    name: str
    idType: str
    custom: bool


def namespace_service() -> Service:
    """List the addresses."""
    one = f"{_BASE}/{{id}}"
    return Service(
        "Identity namespaces",
        identity_error,
        (
            Endpoint("GET", _BASE, _list, "Lists all namespaces.", {200: list[ShownNamespace]}),
            Endpoint("POST", _BASE, _add, "Adds a namespace.", {200: ShownNamespace}, (400, 409), NewNamespace),
            Endpoint("GET", one, _show, "Shows a namespace.", {200: ShownNamespace}, (404,)),
            Endpoint("PUT", one, _change, "Changes a namespace.", {200: ShownNamespace}, (400, 404), ChangedNamespace),
        ),
    )


def _list(call: Call) -> Answer:
    return Answer([each.shown() for each in namespaces.namespaces(call.space)])


def _add(call: Call) -> Answer:
    if by_code(call.space, call.body["code"]) is not None:
        raise Refusal(
            409,
            "A namespace of this code exists.",
            title="NAMESPACE_CODE_CONFLICT",
            more={"report": {"code": "INTEGRATION_CODE_EXISTS"}},
        )
    return Answer(namespaces.add(call.space, call.body).shown())


def _show(call: Call) -> Answer:
    return Answer(_found(call).shown())


def _change(call: Call) -> Answer:
    namespace, body = _found(call), call.body
    if not namespace.custom:
        raise Refusal(400, "A standard namespace cannot be changed.", title="namespacevalidation")
    same = {"code": namespace.code, "idType": namespace.kind}
    if any(body.get(name, value).lower() != value.lower() for name, value in same.items()):
        raise Refusal(400, "The code and the idType of a namespace cannot be changed.", title="namespacevalidation")
    documents = namespaces.own(call.space)
    kept = documents.get(str(namespace.id))
    given = {name: body[name] for name in ("name", "description") if name in body}
    changed = documents.put(str(namespace.id), (kept.body if kept else {}) | given)
    return Answer(namespaces.namespace_of(changed).shown())


def _found(call: Call) -> Namespace:
    namespace = by_id(call.space, call.ids["id"])
    if namespace is None:
        raise Refusal(404, "The namespace is not found.", title="NotFound")
    return namespace
