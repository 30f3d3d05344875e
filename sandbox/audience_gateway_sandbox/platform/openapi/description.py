"""Describes the platform's addresses in OpenAPI 3.1, from the same declarations that they are served by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from audience_gateway_sandbox.platform.wire import Service
from audience_gateway_sandbox.platform.wire.endpoint import JSON, Endpoint

_VERSION = "3.1.0"
_REFERENCES = "#/components/schemas/{model}"
_PLACE = re.compile(r"\{(\w+)\}")
_MODE: JsonSchemaMode = "validation"
_GATEWAY = (400, 401, 403, 429)
"""What the API gateway answers before a service is reached (ims 8)."""
_HEADERS = {"x-api-key": True, "x-gw-ims-org-id": True, "x-sandbox-name": False}
_COLLECTION = "/collection"


def description(services: Iterable[Service]) -> dict[str, Any]:
    """Describe services."""
    every = list(services)
    adapters = _adapters(every)
    schemas, definitions = TypeAdapter.json_schemas(
        [(kind, _MODE, adapter) for kind, adapter in adapters.items()], ref_template=_REFERENCES
    )
    known = {kind: schemas[kind, _MODE] for kind in adapters}
    paths: dict[str, dict[str, Any]] = {}
    for service in every:
        for endpoint in service.endpoints:
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(service, endpoint, known)
    return {
        "openapi": _VERSION,
        "info": {
            "title": "The sandbox's Experience Platform",
            "version": "1",
            "description": "What this emulator serves. It is no description by Adobe.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _adapters(services: Iterable[Service]) -> dict[Any, TypeAdapter[Any]]:
    kinds: dict[Any, TypeAdapter[Any]] = {}
    for service in services:
        for endpoint in service.endpoints:
            for kind in (endpoint.takes, *endpoint.answers.values()):
                if kind is not None:
                    kinds.setdefault(str(kind), TypeAdapter(kind))
    return kinds


def _operation(service: Service, endpoint: Endpoint, known: Mapping[Any, Any]) -> dict[str, Any]:
    open_to_all = endpoint.path.startswith(_COLLECTION)
    made: dict[str, Any] = {
        "tags": [service.name],
        "summary": endpoint.summary,
        "parameters": _parameters(endpoint, open_to_all=open_to_all),
        "responses": _responses(endpoint, known, open_to_all=open_to_all),
    }
    if not open_to_all:
        made["security"] = [{"token": []}]
    if endpoint.takes is not None:
        content = {JSON: {"schema": known[str(endpoint.takes)]}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _parameters(endpoint: Endpoint, *, open_to_all: bool) -> list[dict[str, Any]]:
    text = {"type": "string"}
    places = [
        {"name": name, "in": "path", "required": True, "schema": text | {"minLength": 1}}
        for name in _PLACE.findall(endpoint.path)
    ]
    query = [
        {"name": name.rstrip("!"), "in": "query", "required": name.endswith("!"), "schema": {"type": kind}}
        for name, kind in endpoint.query.items()
    ]
    of_gateway = {} if open_to_all else _HEADERS
    headers = [
        {"name": name, "in": "header", "required": needed, "schema": text} for name, needed in of_gateway.items()
    ]
    own = [
        {"name": name, "in": "header", "required": False, "description": purpose, "schema": text}
        for name, purpose in endpoint.headers.items()
    ]
    return [*places, *query, *headers, *own]


def _responses(endpoint: Endpoint, known: Mapping[Any, Any], *, open_to_all: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, kind in endpoint.answers.items():
        content = {} if kind is None else {JSON: {"schema": known[str(kind)]}}
        if endpoint.raw:
            content[endpoint.raw] = {"schema": {"type": "string", "format": "binary"}}
        made[str(status)] = {"description": "Done.", **({"content": content} if content else {})}
    refusals = {*endpoint.refusals, *(() if open_to_all else _GATEWAY), *((400,) if endpoint.takes else ()), 413}
    for status in sorted(refusals):
        schema = {"type": "object", "minProperties": 1}
        made[str(status)] = {"description": "Refused.", "content": {JSON: {"schema": schema}}}
    return made
