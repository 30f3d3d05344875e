"""Makes the connector `files` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ConnectorRegistry, ConnectorSpec, hookimpl

from audience_gateway_files.connector import FilesConnector
from audience_gateway_files.settings import FilesSettings


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Adds the one connector of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="files",
            summary="CSV, TSV and Parquet files in a directory or bucket",
            connector=FilesConnector,
            settings=FilesSettings,
            create=FilesConnector,
        )
    )
