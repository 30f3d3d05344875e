"""Customer Attributes: data files are picked up from a source's account and kept for Analytics and Target."""

from audience_gateway_sandbox.customer_attributes.attribute_sources import AttributeSource, SourceError
from audience_gateway_sandbox.customer_attributes.customer_attributes import CustomerAttributes
from audience_gateway_sandbox.customer_attributes.rest import attribute_routes

__all__ = ["AttributeSource", "CustomerAttributes", "SourceError", "attribute_routes"]
