"""The connector `customer_attributes`: one attribute source, whose only audience are its customers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import (
    Arrival,
    ArrivalRequest,
    ArrivalStage,
    Audience,
    ConfigError,
    Context,
    DataSource,
    Diagnostic,
    Permanent,
    WritePromise,
    WriteRequest,
    WriteResult,
)

from audience_gateway_people.attributes import arriving, checks
from audience_gateway_people.attributes.account import FileState, look
from audience_gateway_people.attributes.file_names import name_of_write
from audience_gateway_people.attributes.settings import CustomerAttributesSettings
from audience_gateway_people.attributes.uploading import refuse_to_overtake, upload, was_completed
from audience_gateway_people.attributes.values import refused


class CustomerAttributesConnector:
    """An attribute source as its account has it: data files go in, and are moved when Adobe is done with them.

    Customers are added and changed, and never taken away: files cannot say that (people-and-ids 8.1).
    """

    def __init__(self, settings: CustomerAttributesSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._bucket = context.bucket(settings.bucket, settings.bucket_credentials)

    async def open(self) -> None:
        """Does nothing: buckets need no session."""

    async def close(self) -> None:
        """Does nothing: buckets need no session."""

    async def check(self) -> Sequence[Diagnostic]:
        """Looks at the settings, the account, and the files that failed."""
        return await checks.check(self._bucket, self._settings, self._context.now())

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """The one audience."""
        yield await self._audience()

    async def get_audience(self, audience: str) -> Audience | None:
        """The one audience, if its id is the alias id of the source."""
        return await self._audience() if audience == self._settings.alias_id else None

    async def check_destination(self, audience: str, source: DataSource) -> None:  # noqa: ARG002  # `get_audience` knows
        """Raises ConfigError for Visitor IDs, and for columns that are not those of the first upload."""
        if source.id_type == "visitor_id":
            raise ConfigError(
                "found Visitor IDs, and customer attributes are known by customer ids",
                place=f"data_sources.{source.name}.id_type",
                remedy="Share by a data source of Declared IDs: the value that the site passes as customer id.",
            )
        if difference := await checks.schema_differs(self._bucket, await look(self._bucket), self._settings):
            place = f"connections.{self._context.name}.settings.attributes"
            raise ConfigError(difference, place=place, remedy=checks.REMEDY_OF_SCHEMA)

    async def wanted_attributes(self, audience: str) -> Sequence[str]:  # noqa: ARG002  # there is one audience
        """The configured ones."""
        return tuple(self._settings.attributes)

    def members_a_write(self) -> int:
        """As many as a file shall have: each write is a file, and Adobe wants one in half an hour."""
        return self._settings.members_a_file

    def write_promise(self) -> WritePromise:
        """A write is a file, and its name comes from the key of the write."""
        return WritePromise.IDEMPOTENT_BY_FILE_NAME

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Uploads one data file with those who can be written; the others are refused."""
        if request.attributes is None:
            raise Permanent("members came without attributes", place=f"connections.{self._context.name}")
        ids, attributes = request.batch.targets, request.attributes
        bad = refused(ids, attributes, self._settings)
        if len(bad) == len(ids):
            return WriteResult(0, bad)
        if bad:
            unfit = pa.array([refusal.index for refusal in bad], pa.int64())
            fit = pc.invert(pc.is_in(pa.arange(0, len(ids)), value_set=unfit))
            ids, attributes = ids.filter(fit), attributes.filter(fit)
        name = name_of_write(self._settings.alias_id, request.key, self._settings.compression)
        if self._settings.wait_for_earlier and not await was_completed(self._bucket, name):
            await refuse_to_overtake(self._bucket, self._settings.alias_id, request.key)
        columns = [attributes.column(attribute) for attribute in self._settings.attributes]
        await upload(self._bucket, name, self._settings.header, [ids, *columns])
        return WriteResult(len(ids), bad)

    def arrival_stages(self, audience: str, source: DataSource) -> Sequence[ArrivalStage]:  # noqa: ARG002  # as for all
        """Until a file is processed."""
        return arriving.stages(self._settings)

    async def poll_arrivals(self, request: ArrivalRequest) -> Sequence[Arrival]:
        """Looks where the files of the writes lie."""
        return await arriving.arrivals(self._bucket, self._settings, request, self._context.now())

    async def _audience(self) -> Audience:
        done = (await look(self._bucket)).of(FileState.PROCESSED)
        return Audience(
            id=self._settings.alias_id,
            title=self._settings.title or self._settings.alias_id,
            description=self._settings.description,
            updated=done[0].stored.modified if done else None,
            readable=False,
        )
