"""What a flow says about its exports: which audiences, how each, and which columns (rtcdp 6.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.platform.destinations.columns import Column, column_of, identity_column
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import Refusal

MAPPING_SETS = "mapping set"
FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"
_MODES = frozenset({FULL, INCREMENTAL})


@dataclass(frozen=True, slots=True)
class Activation:
    """One audience that a flow exports.

    Attributes:
        audience: its id; of an external one the platform's, not that of its origin.
        name: its name, as the flow has it.
        template: of the file's name; empty for the default one.
        mode: FULL or INCREMENTAL.
        schedule: frequency, trigger, start and end, as the flow has them.
    """

    audience: str
    name: str
    template: str
    mode: str
    schedule: Mapping[str, Any]


def activations_of(flow: Document) -> list[Activation]:
    """List the audiences that a flow exports. Raises Refusal if its selectors cannot be read."""
    return [_activation(value) for value in _selected(flow, "segmentSelectors")]


def columns_of(space: Space, flow: Document) -> list[Column]:
    """List the columns that a flow exports, in the order of its mapping. Raises Refusal if that cannot be read."""
    params = _params(flow)
    columns = [
        column_of(str(value.get("path", "")), str(value.get("destination", "")), space.assumptions.status_header)
        for value in _selected(flow, "profileSelectors")
    ]
    columns += _of_mapping_set(space, params)
    for field in _fields(params, "primaryFields"):
        if field.namespace and not any(column.namespace == field.namespace for column in columns):
            columns.insert(0, identity_column(field.namespace, ""))
    namespaces = {column.namespace for column in columns if column.namespace}
    if len(namespaces) > 1:
        raise Refusal(400, "A flow can export identities of one namespace only.")
    return columns


@dataclass(frozen=True, slots=True)
class KeyField:
    """A field that must not be empty, or by which rows are made unique: an attribute or a namespace."""

    path: str = ""
    namespace: str = ""

    def is_of(self, column: Column) -> bool:
        """Tell whether it stands in a column."""
        if self.namespace:
            return column.namespace.lower() == self.namespace.lower()
        return self.path in {column.path, column.header}


def mandatory_of(flow: Document) -> list[KeyField]:
    """List the fields without which a profile is not exported."""
    return _fields(_params(flow), "mandatoryFields")


def unique_by(flow: Document) -> list[KeyField]:
    """List the fields that make rows unique: a namespace, or one or two attributes. Raises Refusal for a mixture."""
    fields = _fields(_params(flow), "primaryFields")
    if len(fields) > 2 or (len(fields) > 1 and any(field.namespace for field in fields)):  # noqa: PLR2004 - rtcdp 6.7
        raise Refusal(400, "The deduplication key is one namespace, or one or two attributes.")
    return fields


def _activation(value: Mapping[str, Any]) -> Activation:
    mode = value.get("exportMode", FULL)
    schedule = value.get("schedule", {"frequency": "DAILY", "triggerType": "AFTER_SEGMENT_EVAL"})
    if not isinstance(value.get("id"), str) or mode not in _MODES or not isinstance(schedule, Mapping):
        raise Refusal(400, "A segment selector needs id, and exportMode and schedule as documented.")
    return Activation(
        str(value.get("systemSegmentId") or value["id"]),
        str(value.get("name", "")),
        str(value.get("filenameTemplate") or ""),
        mode,
        schedule,
    )


def _params(flow: Document) -> Mapping[str, Any]:
    merged: dict[str, Any] = {}
    for transformation in flow.body.get("transformations") or []:
        params = transformation.get("params") if isinstance(transformation, Mapping) else None
        merged |= params if isinstance(params, Mapping) else {}
    return merged


def _selected(flow: Document, name: str) -> list[Mapping[str, Any]]:
    holder = _params(flow).get(name)
    selectors = holder.get("selectors") if isinstance(holder, Mapping) else None
    if holder is not None and not isinstance(selectors, list):
        raise Refusal(400, f"{name} needs a list of selectors.")
    values = [each.get("value") if isinstance(each, Mapping) else None for each in selectors or []]
    if any(not isinstance(value, Mapping) for value in values):
        raise Refusal(400, f"Each selector of {name} needs an object as its value.")
    return [value for value in values if isinstance(value, Mapping)]


def _of_mapping_set(space: Space, params: Mapping[str, Any]) -> list[Column]:
    mapping = params.get("profileMapping")
    if not isinstance(mapping, Mapping) or not mapping.get("mappingId"):
        return []
    document = space.documents(MAPPING_SETS).get(str(mapping["mappingId"]))
    if document is None:
        raise Refusal(400, "profileMapping names a mapping set that is not there.")
    return [
        column_of(each["source"], each["destination"], space.assumptions.status_header)
        for each in document.body["mappings"]
    ]


def _fields(params: Mapping[str, Any], name: str) -> list[KeyField]:
    listed = params.get(name)
    return [_field(each) for each in listed] if isinstance(listed, list) else []


def _field(value: object) -> KeyField:
    if isinstance(value, str):
        return KeyField(path=value)
    if isinstance(value, Mapping):
        if value.get("identityNamespace"):
            return KeyField(namespace=str(value["identityNamespace"]))
        return KeyField(path=str(value.get("attributePath") or value.get("path") or ""))
    raise Refusal(400, "A field of a flow is a path, or an object with identityNamespace or attributePath.")
