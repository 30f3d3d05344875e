"""What the platform keeps: one database, separated by the platform's sandboxes."""

from audience_gateway_sandbox.platform.storage.agenda import Agenda, Item
from audience_gateway_sandbox.platform.storage.database import Database
from audience_gateway_sandbox.platform.storage.documents import Document, Documents, name_uuid
from audience_gateway_sandbox.platform.storage.moments import microseconds_of, moment_of, written
from audience_gateway_sandbox.platform.storage.space import PRODUCTION, Space

__all__ = [
    "PRODUCTION",
    "Agenda",
    "Database",
    "Document",
    "Documents",
    "Item",
    "Space",
    "microseconds_of",
    "moment_of",
    "name_uuid",
    "written",
]
