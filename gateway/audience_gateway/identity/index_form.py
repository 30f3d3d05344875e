"""What makes the entries of an identity index what they are: another form has an index of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from audience_gateway import __version__
from audience_gateway.identity.connections import Connections
from audience_gateway.identity.normalisation import recipe_label
from audience_gateway.sdk import DataSource, Secret

_KEYS = (
    "name",
    "id_type",
    "targeting_dimension",
    "reconciliation_key",
    "codec",
    "key_form",
    "text_form",
    "pre_encoded",
    "clear_digests",
    "personal_data",
)


@dataclass(frozen=True, slots=True)
class IndexForm:
    """The form of one index.

    Attributes:
        connection: name of the connection whose records have the ids.
        source: the data source that the keys are made by.
        lasting: whether the data source is configured so, and not only tried.
        digest: stands for everything that keys and entries depend on: the connection's settings, the data source, the
            recipe with its version, the codec with its key, and the version of the gateway.
    """

    connection: str
    source: DataSource
    lasting: bool
    digest: str

    @classmethod
    def of(cls, connections: Connections, connection: str, source: DataSource) -> IndexForm:
        """Of a connection's records by a data source. Raises ConfigError if there is no such connection."""
        parts = {
            "gateway": __version__,
            "connection": connection,
            "settings": connections.settings_digest(connection),
            "recipe": recipe_label(source),
            "key": _fingerprint(source.key),
            "iv": _fingerprint(source.iv),
            **{name: getattr(source, name) for name in _KEYS},
        }
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
        return cls(connection, source, source in connections.data_sources(), digest)

    @property
    def place(self) -> str:
        """What people call it."""
        return f"connections/{self.connection} by dataSources/{self.source.name}"

    def provenance(self) -> Mapping[str, str]:
        """Where its entries are from and how their keys are made, as each of its files says."""
        return {
            "connection": self.connection,
            "data_source": self.source.name,
            "id_type": self.source.id_type,
            "recipe": recipe_label(self.source),
            "codec": self.source.codec.value,
        }


def _fingerprint(secret: Secret | None) -> str:
    return hashlib.sha256(secret.reveal().encode()).hexdigest() if secret else ""
