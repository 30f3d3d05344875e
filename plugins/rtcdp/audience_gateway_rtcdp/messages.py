"""Records for streaming collection, and how they are put into calls (rtcdp 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audience_gateway_rtcdp.streaming_settings import StreamingSettings

_CONTENT = "application/vnd.adobe.xed-full+json;version=1.0"
_BRACKETS = len(b'{"messages": []}')
Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """Makes records that say whether somebody is in an audience.

    Attributes:
        settings: of streaming collection.
        org_id: the organisation.
        namespace: of the ids.
        audience: the audience.
        is_member: what is said.
    """

    settings: StreamingSettings
    org_id: str
    namespace: str
    audience: str
    is_member: bool

    def of(self, id_: str) -> Message:
        """The record of one person."""
        schema = {"id": self.settings.schema_id, "contentType": _CONTENT}
        header: dict[str, Any] = {
            "schemaRef": schema,
            "imsOrgId": self.org_id,
            "datasetId": self.settings.dataset_id,
            "source": {"name": "audience-gateway"},
        }
        if self.settings.flow_id:
            header["flowId"] = self.settings.flow_id
        if self.settings.merges:
            header["operations"] = {"data": "merge", "identity": "create"}
        entity: dict[str, Any] = {"identityMap": {self.namespace: [{"id": id_, "primary": True}]}}
        *names, last = [*self.settings.field.split("."), self.audience]
        inner = entity
        for name in names:
            inner = inner.setdefault(name, {})
        inner[last] = self.is_member
        return {"header": header, "body": {"xdmMeta": {"schemaRef": schema}, "xdmEntity": entity}}


def calls_of(messages: Sequence[Message], most: int, most_bytes: int) -> Iterator[Sequence[Message]]:
    """Messages in their order, in calls of so many and so many bytes at most; one that is larger goes alone."""
    call: list[Message] = []
    size = _BRACKETS
    for message in messages:
        length = len(json.dumps(message).encode()) + len(b", ")
        if call and (len(call) == most or size + length > most_bytes):
            yield call
            call, size = [], _BRACKETS
        call.append(message)
        size += length
    if call:
        yield call
