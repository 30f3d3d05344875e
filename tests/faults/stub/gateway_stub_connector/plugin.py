"""Makes the connector `stub` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ConnectorRegistry, ConnectorSpec, Context, hookimpl

from gateway_stub_connector.connector import FindingStubConnector, StubConnector
from gateway_stub_connector.settings import StubSettings


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Adds the one connector of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="stub",
            summary="A system that misbehaves when it is told to",
            connector=StubConnector,
            settings=StubSettings,
            create=_create,
        )
    )


def _create(settings: StubSettings, context: Context) -> StubConnector:
    return (FindingStubConnector if settings.finds else StubConnector)(settings, context)
