"""Checks that what an object names is there."""

from __future__ import annotations

from audience_gateway_sandbox.audience_manager.objects import PARTNER_ID, ROOT, DataSource, Folder
from audience_gateway_sandbox.audience_manager.rest.errors import Refused, conflict, malformed
from audience_gateway_sandbox.audience_manager.store import Store, Table


def check_data_source(store: Store, number: int) -> DataSource:
    """Refuse a data source that is not there, or not the organisation's own."""
    source = store.data_sources.get(number)
    if source is None or source.pid != PARTNER_ID:
        raise malformed("dataSourceId is no data source of yours.", ["dataSourceId: is unknown"])
    return source


def check_folder(folders: Table[Folder], number: int) -> None:
    """Refuse a folder that is not there."""
    if number != ROOT and folders.get(number) is None:
        raise malformed("folderId is no folder.", ["folderId: is unknown"])


def check_room(count: int, most: int, what: str) -> None:
    """Refuse one more than the usage limits allow (audience-manager 8); the status is an assumption."""
    if count >= most:
        raise usage_limit(most, what)


def usage_limit(most: int, what: str) -> Refused:
    """Make the error of a limit that is reached."""
    return conflict(f"There are {most} {what}, and no more are allowed.", [f"limit: {most}"])
