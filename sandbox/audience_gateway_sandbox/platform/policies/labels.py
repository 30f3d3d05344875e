"""Labels of data: on datasets, on their fields, on audiences; and what C12 keeps inside (rtcdp 8.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from audience_gateway_sandbox.platform.storage import Document, Space

KIND = "labels"
NO_EXPORT = "C12"
"""Fields with this label leave by no way: not by file, API or activation."""
_CORE = "core/"
_NO_ATTRIBUTES = frozenset({"identityMap", "segmentMembership"})


def field_of(pointer: str) -> str:
    """Turn a path in a schema, `/properties/person/properties/name`, into a dotted field."""
    return ".".join(part for part in pointer.split("/") if part and part != "properties")


def holds(outer: str, field: str) -> bool:
    """Tell whether a dotted field is another one, or inside it."""
    return field == outer or field.startswith(f"{outer}.")


def labels_of_field(space: Space, field: str) -> set[str]:
    """Collect the labels of a field of profiles: its own, those of what holds it, those of its datasets."""
    return {label for each in space.documents(KIND) for label in _of_dataset(each, field)}


def labels_of_fields(space: Space, fields: Iterable[str]) -> set[str]:
    """Collect the labels of several fields."""
    return {label for field in fields for label in labels_of_field(space, field)}


def bare(labels: Iterable[str]) -> set[str]:
    """Write labels as the policy service does: `C1`, where audiences have `core/C1`."""
    return {label.removeprefix(_CORE) for label in labels}


def without_forbidden(space: Space, entity: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a profile the fields that may not be exported: all attributes if a whole dataset may not."""
    if any(NO_EXPORT in each.body["labels"] for each in space.documents(KIND)):
        return {name: part for name, part in entity.items() if name in _NO_ATTRIBUTES}
    for field in _forbidden(space):
        entity = _without(entity, field.split("."))
    return entity


def dataset_labels(document: Document | None) -> tuple[list[str], dict[str, list[str]]]:
    """Tell the labels of a dataset, and those of its fields by their dotted names."""
    if document is None:
        return [], {}
    fields = {field_of(path): labels for path, labels in document.body["fields"].items()}
    return list(document.body["labels"]), fields


def _of_dataset(document: Document, field: str) -> Iterator[str]:
    whole, fields = dataset_labels(document)
    yield from whole
    for labelled, labels in fields.items():
        if holds(labelled, field):
            yield from labels


def _forbidden(space: Space) -> set[str]:
    return {
        field
        for each in space.documents(KIND)
        for field, labels in dataset_labels(each)[1].items()
        if NO_EXPORT in labels
    }


def _without(entity: dict[str, Any], names: list[str]) -> dict[str, Any]:
    name, *rest = names
    if name not in entity:
        return entity
    inner = entity[name]
    if rest:
        return entity | {name: _without(inner, rest)} if isinstance(inner, dict) else entity
    return {other: value for other, value in entity.items() if other != name}
