"""The connector: what a Campaign connection can do, each part in a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pyarrow as pa
from audience_gateway.sdk import (
    Audience,
    Context,
    DataSource,
    Diagnostic,
    IndexBatch,
    IndexChangesPage,
    IndexChangesRequest,
    IndexMark,
    IndexPage,
    IndexRequest,
    MemberPage,
    ReadRequest,
    WritePromise,
    WriteRequest,
    WriteResult,
)

from audience_gateway_campaign import checks, creation, index, index_changes, lists, members, membership
from audience_gateway_campaign.catalogue import Catalogue
from audience_gateway_campaign.reconciliation_key import reconciliation_key
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings


class CampaignConnector:
    """Adobe Campaign Classic v7 and Campaign v8 over SOAP; an audience is a list, its id the list's internal name."""

    def __init__(self, settings: CampaignSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._session = Session(settings, context)
        self._catalogue = Catalogue(
            self._session, settings.catalogue, list_key=settings.membership_list_key, page_rows=settings.page_rows
        )

    async def open(self) -> None:
        """Do nothing yet: the first call logs on, so that `check` can say why it fails."""

    async def check(self) -> Sequence[Diagnostic]:
        """Try logon, tables and attributes."""
        return await checks.check(self._session, self._settings)

    async def close(self) -> None:
        """Log off."""
        await self._session.close()

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """Read all lists but templates, in order of their internal names; those of recipients have a size."""
        async with aclosing(self._catalogue.all_lists()) as found:
            async for each in found:
                yield each

    async def get_audience(self, audience: str) -> Audience | None:
        """Find a list by its internal name, with its size."""
        return await self._catalogue.find(audience)

    async def create_audience(self, audience: str, title: str) -> Audience:
        """Create a list, or answer the one that is there."""
        return (await lists.create_list(self._session, audience, title)).audience()

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Read a list's members with the ids that the reconciliation key holds; those without one have a null."""
        async with aclosing(members.read_members(self._session, self._settings, request)) as read:
            async for page in read:
                yield page

    async def check_several_ids(self, audience: str, sources: Sequence[DataSource]) -> None:  # noqa: ARG002  # of any list
        """Look whether a list's members can be read with the ids of all these data sources."""
        members.check_several_ids(sources)

    def write_promise(self) -> WritePromise:
        """A member is written under the keys of its list and its recipient."""
        return WritePromise.IDEMPOTENT_BY_KEY

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Add recipients to a list."""
        return await membership.change_membership(self._session, self._settings, request, "insertOrUpdate")

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Remove recipients from a list; the recipients themselves stay."""
        return await membership.change_membership(self._session, self._settings, request, "delete")

    def check_creation(self, source: DataSource) -> None:
        """Look whether recipients can be created by the ids of a data source."""
        creation.check_creation(source)

    async def find_records(self, source: DataSource, ids: pa.StringArray) -> IndexBatch:
        """Find the recipients that have some ids now."""
        return await creation.find_recipients(self._session, self._settings, source, ids)

    async def create_records(self, source: DataSource, ids: pa.StringArray) -> WriteResult:
        """Create recipients that have an id and nothing else."""
        return await creation.create_recipients(self._session, self._settings, source, ids)

    async def read_index(self, request: IndexRequest) -> AsyncIterator[IndexPage]:
        """Read which recipient owns which id of the data source."""
        async with aclosing(index.read_index(self._session, self._settings, request)) as read:
            async for page in read:
                yield page

    async def mark_index(self, source: DataSource, since: str | None) -> IndexMark:
        """Find out when recipients and tracking logs have changed last; changes can be read since any such time."""
        return await index_changes.mark_index(self._session, source, since)

    async def read_index_changes(self, request: IndexChangesRequest) -> AsyncIterator[IndexChangesPage]:
        """Read what has changed since the times of a mark."""
        async with aclosing(index_changes.read_index_changes(self._session, self._settings, request)) as read:
            async for page in read:
                yield page

    def reconciles(self, source: DataSource) -> bool:
        """Answer True: a list holds recipients, not ids. Raises ConfigError for a data source that has none here."""
        reconciliation_key(source)
        return True
