"""Campaign (sandbox 3, campaign 3): the SOAP router of an instance over a SQLite database."""

from audience_gateway_sandbox.campaign.campaign import Campaign, Clock, Faults
from audience_gateway_sandbox.campaign.database import open_database
from audience_gateway_sandbox.campaign.router import routes
from audience_gateway_sandbox.campaign.sessions import Sessions

__all__ = ["Campaign", "Clock", "Faults", "Sessions", "open_database", "routes"]
