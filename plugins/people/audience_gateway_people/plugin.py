"""Makes the connectors `people` and `customer_attributes` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ConnectorRegistry, ConnectorSpec, hookimpl

from audience_gateway_people.attributes import CustomerAttributesConnector, CustomerAttributesSettings
from audience_gateway_people.connector import PeopleConnector
from audience_gateway_people.settings import PeopleSettings


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Add the connectors of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="people",
            summary="People core service: audiences over the two shared-audience buckets",
            connector=PeopleConnector,
            settings=PeopleSettings,
            create=PeopleConnector,
        )
    )
    registry.add_connector(
        ConnectorSpec(
            name="customer_attributes",
            summary="Customer Attributes: attributes of customers for Analytics and Target",
            connector=CustomerAttributesConnector,
            settings=CustomerAttributesSettings,
            create=CustomerAttributesConnector,
        )
    )
