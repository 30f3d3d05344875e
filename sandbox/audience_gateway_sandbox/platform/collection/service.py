"""Streaming collection, `/collection`: not behind the API gateway (rtcdp 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.collection.arrival import arrived
from audience_gateway_sandbox.platform.collection.messages import entity_of, envelope_error, findings, merges
from audience_gateway_sandbox.platform.flow_service.specs import STREAMING_INLET
from audience_gateway_sandbox.platform.storage import Space
from audience_gateway_sandbox.platform.wire import OPEN, Answer, Call, Endpoint, Refusal, Service

_PROBLEM = "http://ns.adobe.com/adobecloud/problem/data-collection-service/inlet"
_LARGEST = 1_000_000
"""Bytes (rtcdp 5: 413 above 1 MB)."""
_WAITING = ("syncValidation", "synchronousValidation")
Known = Callable[[str], bool]


@with_config(OPEN)
class Batch(TypedDict):
    """Several messages."""

    messages: list[Any]


@with_config(OPEN)
class Received(TypedDict):
    """What is answered for one message."""

    inletId: str
    xactionId: str
    receivedTimeMs: int


@with_config(OPEN)
class BatchReceived(TypedDict):
    """What is answered for several: one by one, in their order."""

    inletId: str
    batchId: str
    receivedTimeMs: int
    responses: list[dict[str, Any]]
    statusCode: NotRequired[int]


def collection_service(token_is_good: Known) -> Service:
    """List the addresses.

    Args:
        token_is_good: tells whether an access token is good, for inlets that want one.
    """
    waiting = dict.fromkeys(_WAITING, "boolean")
    return Service(
        "Streaming collection",
        _error,
        (
            Endpoint(
                "POST",
                "/collection/batch/{inlet}",
                partial(_several, token_is_good),
                "Takes several messages.",
                {207: BatchReceived},
                (400, 401, 404, 413),
                Batch,
                largest=_LARGEST,
            ),
            Endpoint(
                "POST",
                "/collection/{inlet}",
                partial(_one, token_is_good),
                "Takes a message.",
                {200: Received},
                (400, 401, 404, 413),
                dict[str, Any],
                query=waiting,
                largest=_LARGEST,
            ),
        ),
    )


def _error(refusal: Refusal, _: str) -> dict[str, Any]:
    title = refusal.title or "Invalid request"
    return {
        "type": _PROBLEM,
        "status": refusal.status,
        "title": title,
        "report": {"message": refusal.message, **refusal.more},
    }


def _one(token_is_good: Known, call: Call) -> Answer:
    space = _space_of_inlet(token_is_good, call)
    if wrong := envelope_error(call.body):
        raise _invalid(call, {"_streamingValidation": [{"message": wrong}]})
    waits = any(call.flag(name) for name in _WAITING)
    if waits and (found := findings(entity_of(call.body), call.body["header"]["schemaRef"].get("id", ""))):
        raise _invalid(call, {"_streamingValidation": found})
    arrived(space, entity_of(call.body), _dataset(call.body), merge=merges(call.body))
    done = {"inletId": call.ids["inlet"], "xactionId": _transaction(space, 0), "receivedTimeMs": space.milliseconds}
    return Answer(done if waits else done | {"syncValidation": {"skipped": True}})


def _several(token_is_good: Known, call: Call) -> Answer:
    space = _space_of_inlet(token_is_good, call)
    responses = [_received(space, message, number) for number, message in enumerate(call.body["messages"])]
    done = {
        "inletId": call.ids["inlet"],
        "batchId": _transaction(space, len(responses)),
        "receivedTimeMs": space.milliseconds,
        "responses": responses,
    }
    return Answer(done, 207)


def _received(space: Space, message: Any, number: int) -> dict[str, Any]:  # noqa: ANN401 - as callers send it
    if wrong := envelope_error(message):
        return {"statusCode": 400, "message": wrong}
    arrived(space, entity_of(message), _dataset(message), merge=merges(message))
    return {"xactionId": _transaction(space, number)}


def _space_of_inlet(token_is_good: Known, call: Call) -> Space:
    row = call.space.database.execute(
        "SELECT space, json_extract(body, '$.auth.params.authenticationRequired') FROM document"
        " WHERE kind = 'connections' AND id = ? AND json_extract(body, '$.connectionSpec.id') = ?",
        (call.ids["inlet"], STREAMING_INLET),
    ).fetchone()
    if row is None:
        raise Refusal(404, "The inlet is not found.", title="Invalid connection")
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if row[1] and not (scheme.lower() == "bearer" and token_is_good(token.strip())):
        raise Refusal(401, "The inlet wants a good access token.", title="Unauthorized")
    return replace(call.space, name=row[0])


def _invalid(call: Call, cause: Mapping[str, Any]) -> Refusal:
    text = f"inletId: [{call.ids['inlet']}] imsOrgId: [{call.space.org}] Message is invalid"
    return Refusal(400, text, title="Invalid XDM Message Format", more={"cause": dict(cause)})


def _dataset(message: Mapping[str, Any]) -> str:
    return str(message["header"].get("datasetId", ""))


def _transaction(space: Space, number: int) -> str:
    return f"{space.milliseconds}:{space.microseconds % 10_000}:{number}"
