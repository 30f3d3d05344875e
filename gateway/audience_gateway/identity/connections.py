"""What the core asks of the configured connections, data sources and strategies."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from audience_gateway.sdk import Connector, DataSource, Reconciler


class Connections(Protocol):
    """Everything that is configured, by name."""

    def open(self, name: str) -> AbstractAsyncContextManager[Connector]:
        """The connection, open until the block ends. Raises ConfigError if there is none of that name."""
        ...

    def settings_digest(self, name: str) -> str:
        """Stands for the settings of a connection: differs where they do. Raises ConfigError if there is none."""
        ...

    def data_source(self, name: str) -> DataSource:
        """The data source. Raises ConfigError if there is none of that name."""
        ...

    def data_sources(self) -> Sequence[DataSource]:
        """All data sources, ordered by name."""
        ...

    def reconciler(self, id_type: str) -> Reconciler:
        """The strategy of an id type. Raises ConfigError if there is none."""
        ...
