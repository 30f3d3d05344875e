"""What mappings to each type of destination are made of (audience-manager 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audience_gateway_sandbox.audience_manager.objects import Destination, DestinationMapping, DestinationType
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body
from audience_gateway_sandbox.audience_manager.rest.errors import malformed
from audience_gateway_sandbox.audience_manager.store import Store

_REQUIRED = ("sid", "start_date")
_BODY = Body(
    DestinationMapping,
    [
        *(*_REQUIRED, "end_date", "trait_type", "element_status", "priority", "url", "secure_url", "tag_code"),
        *("secure_tag_code", "trait_alias", "value_alias"),
    ],
    _REQUIRED,
)
_OF_URLS = ("url", "secure_url", "tag_code", "secure_tag_code")
_WITHOUT = {
    DestinationType.URL: ("value_alias",),
    DestinationType.COOKIE: _OF_URLS,
    DestinationType.SERVER_TO_SERVER: (*_OF_URLS, "value_alias"),
}


def new_mapping(destination: Destination, body: Mapping[str, Any], **others: Any) -> DestinationMapping:  # noqa: ANN401 - fields of any type
    """Make a mapping to a destination. Refuses a body that does not fit it."""
    others.pop("pid")
    aliased = _aliased(destination, body)
    return _checked(destination, _BODY.new(aliased, destination_id=destination.destination_id, **others))


def changed_mapping(
    destination: Destination,
    old: DestinationMapping,
    body: Mapping[str, Any],
    **others: Any,  # noqa: ANN401 - as above
) -> DestinationMapping:
    """Make another mapping of it. Refuses a body that does not fit the destination."""
    return _checked(destination, _BODY.changed(old, _aliased(destination, body), **others))


def mapping_view(store: Store, mapping: DestinationMapping, id_name: str = "mappingId") -> dict[str, Any]:
    """Make an object of it; the documents call its id `mappingId` and `destinationMappingId`."""
    destination = store.destinations.get(mapping.destination_id)
    segment = store.segments.get(mapping.sid)
    without = _WITHOUT[destination.destination_type] if destination else ()
    view = as_json(mapping, without=("mapping_id", *without))
    return (
        {id_name: mapping.mapping_id}
        | view
        | {
            "elementName": segment.name if segment else "",
            "elementDescription": segment.description if segment else "",
        }
    )


def _aliased(destination: Destination, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the alias the URL where a destination is serialized, as the documented answer does."""
    alias = body.get("traitAlias")
    if destination.destination_type is not DestinationType.URL or not destination.details["serializationEnabled"]:
        return body
    return body if alias is None else {"url": alias, "secureUrl": alias, **body}


def _checked(destination: Destination, mapping: DestinationMapping) -> DestinationMapping:
    if mapping.trait_type != "SEGMENT":
        raise malformed("Only segments are mapped.", ["traitType: is not SEGMENT"])
    if mapping.end_date is not None and mapping.end_date < mapping.start_date:
        raise malformed("endDate is before startDate.", ["endDate: is before startDate"])
    missing = [name for name, value in _needed(destination, mapping).items() if not value]
    if missing:
        raise malformed(f"There has to be {', '.join(missing)}.", [f"{name}: is missing" for name in missing])
    return mapping


def _needed(destination: Destination, mapping: DestinationMapping) -> Mapping[str, str | None]:
    details = destination.details
    match destination.destination_type:
        case DestinationType.URL:
            serialized = details["serializationEnabled"]
            return {"traitAlias": mapping.trait_alias} if serialized else {"url": mapping.url}
        case DestinationType.COOKIE if details["formatType"] == "single_key":
            return {"valueAlias": mapping.value_alias}
        case DestinationType.COOKIE:
            return {"traitAlias": mapping.trait_alias, "valueAlias": mapping.value_alias}
        case DestinationType.SERVER_TO_SERVER:
            return {"traitAlias": mapping.trait_alias}
