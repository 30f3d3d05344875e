"""Keeps the objects of the organisation."""

from audience_gateway_sandbox.audience_manager.store.codec import milliseconds, moment_of
from audience_gateway_sandbox.audience_manager.store.store import Store
from audience_gateway_sandbox.audience_manager.store.table import Table

__all__ = ["Store", "Table", "milliseconds", "moment_of"]
