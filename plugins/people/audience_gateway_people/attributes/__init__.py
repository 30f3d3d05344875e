"""Customer Attributes: what is known of customers, uploaded for Analytics and Target (people-and-ids 8)."""

from audience_gateway_people.attributes.connector import CustomerAttributesConnector
from audience_gateway_people.attributes.settings import AttributeSettings, CustomerAttributesSettings

__all__ = ["AttributeSettings", "CustomerAttributesConnector", "CustomerAttributesSettings"]
