"""Resource names of the API."""

from __future__ import annotations

from audience_gateway.transfers.model import AudienceRef


def last(name: str) -> str:
    """The id at the end of a resource name."""
    return name.rsplit("/", 1)[-1]


def audience_ref(name: str) -> AudienceRef:
    """The audience of `connections/{connection}/audiences/{audience}`, which validation has let through."""
    _, connection, _, audience = name.split("/")
    return AudienceRef(connection, audience)


def connection(name: str) -> str:
    """`connections/{connection}`."""
    return f"connections/{name}"


def connector(name: str) -> str:
    """`connectors/{connector}`."""
    return f"connectors/{name}"


def data_source(name: str) -> str:
    """`dataSources/{data_source}`."""
    return f"dataSources/{name}"


def id_type(name: str) -> str:
    """`idTypes/{id_type}`."""
    return f"idTypes/{name}"


def transfer(transfer_id: str) -> str:
    """`transfers/{transfer}`."""
    return f"transfers/{transfer_id}"


def schedule(name: str) -> str:
    """`schedules/{schedule}`."""
    return f"schedules/{name}"


def erasure(erasure_id: str) -> str:
    """`erasures/{erasure}`."""
    return f"erasures/{erasure_id}"
