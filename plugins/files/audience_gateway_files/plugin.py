"""Makes the connector `files` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ConnectorRegistry, ConnectorSpec, Context, hookimpl

from audience_gateway_files.change_files import ChangeFiles
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
            create=connector_of,
        )
    )


def connector_of(settings: FilesSettings, context: Context) -> FilesConnector | ChangeFiles:
    """Makes the connector that writes as the settings say."""
    if settings.changes is not None:
        return ChangeFiles(settings, settings.changes, context)
    return FilesConnector(settings, context)
