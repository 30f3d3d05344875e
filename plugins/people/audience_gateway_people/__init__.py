"""People core service connector for audience-gateway."""

from audience_gateway_people.connector import PeopleConnector
from audience_gateway_people.settings import AudienceSettings, PeopleSettings

__all__ = ["AudienceSettings", "PeopleConnector", "PeopleSettings"]
