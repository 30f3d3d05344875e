"""Audiences whose members are links between ids, made by id-synchronisation files (audience-manager 3.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Audience, ConfigError, Refusal, WriteRequest, WriteResult
from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncKind, IdSyncName
from audience_gateway.sdk.audience_manager.id_sync_writing import write_id_sync
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder

from audience_gateway_audience_manager.id_sync_settings import IdSyncSettings
from audience_gateway_audience_manager.raw_ids import Screened, raw_codes, screened
from audience_gateway_audience_manager.realtime_settings import RawIdSettings

PREFIX = "id-sync-"
_SHA_256 = r"\A[0-9a-f]{64}\z"
_REMAINS = "Audience Manager has no way to take a link back: share with `--add-only`."


@dataclass(frozen=True, slots=True)
class IdSync:
    """One such audience. A member is an id with further ids of the same user, which are its attributes.

    Attributes:
        name: what the settings call it.
        settings: which attributes hold the further ids.
        folder: where files are left; None if there is no such place.
        raw_ids: which ids must not leave.
        place: what the settings call the connection.
    """

    name: str
    settings: IdSyncSettings
    folder: InboundFolder | None
    raw_ids: RawIdSettings
    place: str

    @property
    def audience(self) -> Audience:
        """How it is listed."""
        data_sources = ", ".join(map(str, self.settings.data_source_ids))
        return Audience(
            id=PREFIX + self.name,
            title=f"Ids of data sources {data_sources}",
            description="Links ids of the transfer's data source with those in attributes.",
            readable=False,
            writable=self.folder is not None,
        )

    def require_folder(self) -> InboundFolder:
        """Where files are left. Raises ConfigError if there is no such place."""
        if self.folder is None:
            raise ConfigError(
                "found no bucket for id-synchronisation files",
                place=f"{self.place}.inbound.bucket",
                remedy="Set it to the bucket that Audience Manager takes files from.",
            )
        return self.folder

    async def write(self, request: WriteRequest, now: datetime) -> WriteResult:
        """Leaves a line for each member, or says why that was refused."""
        kept = self._screened(request)
        attributes = kept.request.attributes
        columns = [kept.request.batch.targets, *(attributes.columns if attributes else ())]

        async def one() -> AsyncIterator[pa.RecordBatch]:
            yield pa.record_batch(columns, names=[str(number) for number in range(len(columns))])

        if not len(columns[0]):
            return kept.account(WriteResult(0))
        name = IdSyncName(
            kind=IdSyncKind.HASHED_EMAILS if self.settings.hashed_emails else IdSyncKind.DEVICES,
            data_source_ids=(request.source.aam_data_source_id, *self.settings.data_source_ids),
            timestamp=0,
        )
        return kept.account(await write_id_sync(self.require_folder(), name, one(), request.key, now))

    def refuse_removal(self, request: WriteRequest) -> WriteResult:
        """Says of each member that its link remains."""
        return WriteResult(0, tuple(Refusal(index, "ID_SYNC_REMAINS", _REMAINS) for index in range(len(request.batch))))

    def _screened(self, request: WriteRequest) -> Screened:
        codes = raw_codes(request, self.raw_ids)
        if self.settings.hashed_emails and request.attributes is not None:
            for column in request.attributes.columns:
                wrong = pc.invert(pc.fill_null(pc.match_substring_regex(column, _SHA_256), True))
                codes = pc.coalesce(codes, pc.if_else(wrong, "ID_NOT_HASHED", pa.scalar(None, pa.string())))
        return screened(request, codes)
