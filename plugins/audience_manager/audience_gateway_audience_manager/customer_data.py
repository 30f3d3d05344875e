"""Gives members a trait, or takes it, by the Customer Data API: good at once, for some hundred (audience-manager 2)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from audience_gateway.sdk import (
    ConfigError,
    DataSource,
    GatewayError,
    Permanent,
    Refusal,
    Transient,
    WriteRequest,
    WriteResult,
)
from audience_gateway.sdk.audience_manager.rest import Caller

from audience_gateway_audience_manager.at_once import AtOnce
from audience_gateway_audience_manager.realtime_settings import CustomerDataSettings

Operation = Literal["APPEND", "DELETE"]
_Op = tuple[int, dict[str, Any]]

_MAX_CODE = 40
_DONE = frozenset({"SUCCESS", "PARTIAL_SUCCESS"})


class CustomerData:
    """Streams operations, each about one member.

    Args:
        settings: of the API.
        caller: calls it.
    """

    def __init__(self, settings: CustomerDataSettings, caller: Caller) -> None:
        self._settings = settings
        self._caller = caller

    @property
    def most_members(self) -> int:
        """Most members of a write that is made so."""
        return self._settings.most_members

    async def add(self, request: WriteRequest, trait: int) -> AtOnce:
        """Gives each member the trait, or says why it was refused."""
        return AtOnce(await self._change(request, trait, "APPEND"))

    async def remove(self, request: WriteRequest, trait: int) -> WriteResult:
        """Takes the trait from each member, or says why that was refused."""
        return await self._change(request, trait, "DELETE")

    async def _change(self, request: WriteRequest, trait: int, operation: Operation) -> WriteResult:
        if not self._caller.org_id:
            raise ConfigError("found no organisation", place="credentials.org_id", remedy="Set it for the credentials.")
        refused: list[Refusal] = []
        sent = False
        for ops in self._requests(request, trait, operation):
            try:
                refused += await self._send(ops)
            except GatewayError as error:
                error.sent = error.sent or sent
                raise
            sent = True
        return WriteResult(len(request.batch) - len(refused), tuple(refused))

    def _requests(self, request: WriteRequest, trait: int, operation: Operation) -> Iterator[list[_Op]]:
        """Operations, as many to a request as fit into it."""
        ops: list[_Op] = []
        size = 0
        for index, member in enumerate(request.batch.targets.to_pylist()):
            op = {
                "identities": [self._identity(member, request.source)],
                "traitInput": {"traitIds": [trait]},
                "operationType": operation,
            }
            length = len(json.dumps(op)) + 2
            if ops and size + length > self._settings.request_bytes - 100:
                yield ops
                ops, size = [], 0
            ops.append((index, op))
            size += length
        if ops:
            yield ops

    def _identity(self, member: str, source: DataSource) -> dict[str, Any]:
        if source.id_type in self._settings.device_id_types:
            return {"namespaceCode": self._settings.device_namespace, "value": member}
        return {"dataSourceId": source.aam_data_source_id, "value": member}

    async def _send(self, ops: Sequence[_Op]) -> list[Refusal]:
        body = {"ops": [op for _, op in ops]}
        answer = (await self._caller.call("POST", f"/stream/{self._settings.stream_id}", body=body)).content
        status = answer.get("status") if isinstance(answer, dict) else None
        if status == "INTERNAL_ERROR":
            raise Transient("the Customer Data API failed", place=self._caller.place)
        errors = answer.get("errors") or [] if isinstance(answer, dict) else None
        if status not in _DONE or not isinstance(errors, list):
            raise _does_not_add_up(self._caller.place)
        refused = {number: _code(error) for error in errors if (number := _operation(error, len(ops))) is not None}
        if len(refused) != len(errors) or (status == "PARTIAL_SUCCESS") != bool(refused):
            raise _does_not_add_up(self._caller.place)
        return [
            Refusal(ops[number][0], code, "The Customer Data API refused the member.")
            for number, code in sorted(refused.items())
        ]


def _operation(error: object, operations: int) -> int | None:
    """Which operation an error is about, from 0; the API counts from 1. None if it is none of those sent."""
    number = error.get("operationIndex") if isinstance(error, dict) else None
    sound = isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= operations
    return number - 1 if sound and isinstance(number, int) else None


def _code(error: Mapping[str, Any]) -> str:
    details = error.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    code = str(first.get("errorCode", ""))
    return code if code.isalnum() and len(code) <= _MAX_CODE else "REFUSED"


def _does_not_add_up(place: str) -> Permanent:
    return Permanent("the Customer Data API's answer does not add up", place=place, sent=True)
