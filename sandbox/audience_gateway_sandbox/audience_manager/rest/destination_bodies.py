"""What destinations of each type are made of (audience-manager 1.3, 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audience_gateway_sandbox.audience_manager.objects import EXPORT_CONTROLS, Destination, DestinationType
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, number_of
from audience_gateway_sandbox.audience_manager.rest.errors import malformed

_DETAILS: Mapping[DestinationType, Mapping[str, Any]] = {
    DestinationType.URL: {
        "tagType": 0,
        "serializationEnabled": False,
        "urlFormatString": None,
        "secureUrlFormatString": None,
        "delimiter": None,
    },
    DestinationType.COOKIE: {
        "adServerTypeID": 1,
        "cookieName": None,
        "cnameDomain": None,
        "maxSize": 2048,
        "ttl": 0,
        "siteIDs": [],
        "formatType": "single_key",
        "singleKey": None,
        "keySeparator": "=",
        "valueSeparator": ",",
        "serializationEnabled": False,
        "serializationSeparator": None,
        "transferMethod": 0,
        "uparamEnabled": False,
    },
    DestinationType.SERVER_TO_SERVER: {
        "fileNameTemplate": None,
        "lineTemplate": None,
        "syncModes": None,
        "bucket": None,
        "parts": 0,
        "pidAlias": None,
    },
}
_BODY = Body(
    Destination,
    [
        *("name", "description", "destination_type", "data_source_id", "status", "start_date", "end_date"),
        *("domain_restrictions", "data_export_labels"),
    ],
    ["name", "destination_type"],
)
_NUMBERS = ("parts", "maxSize", "ttl", "tagType", "adServerTypeID", "transferMethod")


def new_destination(body: Mapping[str, Any], **others: Any) -> Destination:  # noqa: ANN401 - fields of any type
    """Make a destination. Refuses a body that does not fit."""
    destination = _BODY.new(body, **others)
    return _checked(_BODY.new(body, details=_details(destination.destination_type, body, {}), **others))


def changed_destination(old: Destination, body: Mapping[str, Any], **others: Any) -> Destination:  # noqa: ANN401 - as above
    """Make another destination of it, of the same type. Refuses a body that does not fit."""
    details = _details(old.destination_type, body, old.details)
    destination = _BODY.changed(old, body, details=details, **others)
    if destination.destination_type is not old.destination_type:
        raise malformed("The destinationType cannot be changed.", ["destinationType: is another"])
    return _checked(destination)


def destination_view(destination: Destination) -> dict[str, Any]:
    """Make an object of it, without its details: what lists have."""
    view = as_json(destination, without=("details",))
    return view | {"dataSourceId": destination.data_source_id or None}


def whole_destination(destination: Destination) -> dict[str, Any]:
    """Make an object of it, with its details."""
    return destination_view(destination) | dict(destination.details) | {"mappings": None}


def _details(kind: DestinationType, body: Mapping[str, Any], old: Mapping[str, Any]) -> Mapping[str, Any]:
    defaults = _DETAILS[kind]
    given = {name: body[name] for name in defaults if body.get(name) is not None}
    for name in _NUMBERS:
        if name in given and (number := number_of(given[name])) is None:
            raise malformed(f"{name} has to be a number.", [f"{name}: is no number"])
        if name in given:
            given[name] = number
    wrong = [name for name, value in given.items() if not _fits(value, defaults[name])]
    if wrong:
        raise malformed("The body does not fit.", [f"{name}: is of another type" for name in wrong])
    return {**defaults, **old, **given}


def _fits(value: object, default: object) -> bool:
    if default is None:
        return isinstance(value, str) and value.isprintable()
    if isinstance(default, list):
        return isinstance(value, list) and None not in map(number_of, value)
    return type(value) is type(default)


def _checked(destination: Destination) -> Destination:
    if unknown := sorted(set(destination.data_export_labels) - set(EXPORT_CONTROLS)):
        raise malformed(
            f"dataExportLabels are {', '.join(EXPORT_CONTROLS)}.",
            [f"dataExportLabels: {each} is unknown" for each in unknown],
        )
    if missing := [name for name in _needed(destination) if not destination.details[name]]:
        raise malformed(f"There has to be {', '.join(missing)}.", [f"{name}: is missing" for name in missing])
    return destination


def _needed(destination: Destination) -> list[str]:
    """Tell what the documented samples call required."""
    details = destination.details
    if destination.destination_type is DestinationType.URL:
        return ["urlFormatString", "delimiter"] if details["serializationEnabled"] else []
    if destination.destination_type is DestinationType.COOKIE:
        single_key = ["singleKey"] if details["formatType"] == "single_key" else []
        return ["cookieName", *single_key, *(["serializationSeparator"] if details["serializationEnabled"] else [])]
    return []
