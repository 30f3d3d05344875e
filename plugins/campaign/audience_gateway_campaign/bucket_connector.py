"""The connector with the transport `bucket`: shared audiences, over the buckets of Campaign's external accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from audience_gateway.sdk import (
    Audience,
    Context,
    DataSource,
    Diagnostic,
    GatewayError,
    MemberPage,
    ReadRequest,
    Severity,
    TargetBatch,
    WriteResult,
)

from audience_gateway_campaign import checks
from audience_gateway_campaign.bucket_ids import data_source_id, destination_id, segment_of, trait_of
from audience_gateway_campaign.bucket_reading import read_exported
from audience_gateway_campaign.bucket_settings import BucketSettings, SharedAudience
from audience_gateway_campaign.bucket_writing import Place, replace_segment
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings


class BucketCampaign:
    """Campaign as the Experience Cloud shares with it.

    Reading finds what Campaign exported; writing replaces what it imports. It holds ids, already encoded, that Campaign
    reconciles itself.
    """

    def __init__(self, settings: CampaignSettings, bucket: BucketSettings, context: Context) -> None:
        self._settings = settings
        self._bucket = bucket
        self._context = context
        self._imports = context.bucket(bucket.import_bucket, bucket.import_credentials)
        self._exports = context.bucket(bucket.export_bucket, bucket.export_credentials)
        self._session = Session(settings, context) if settings.url else None

    async def open(self) -> None:
        """Do nothing: buckets need no session."""

    async def check(self) -> Sequence[Diagnostic]:
        """Try both buckets and, if its address is known, the instance."""
        findings = []
        if not self._bucket.audiences:
            findings.append(
                Diagnostic(Severity.WARNING, "No audience is configured.", "bucket.audiences", "Add one with its ids.")
            )
        for bucket, prefix, path in (
            (self._imports, self._bucket.import_prefix, "bucket.import_bucket"),
            (self._exports, self._bucket.export_prefix, "bucket.export_bucket"),
        ):
            try:
                async for _ in bucket.list(prefix):
                    break
            except GatewayError as error:
                summary = f"{error.place}: {error.message}" if error.place else error.message
                findings.append(Diagnostic(Severity.ERROR, summary, path, error.remedy))
        if self._session is not None:
            findings += await checks.check(self._session, self._settings)
        return findings

    async def close(self) -> None:
        """Log off, if there was a check."""
        if self._session is not None:
            await self._session.close()

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """Read the configured audiences."""
        for name, shared in sorted(self._bucket.audiences.items()):
            yield _audience(name, shared)

    async def get_audience(self, audience: str) -> Audience | None:
        """Find a configured audience."""
        shared = self._bucket.audiences.get(audience)
        return _audience(audience, shared) if shared else None

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Read the members that Campaign exported."""
        trait = trait_of(self._bucket, self._context.name, request.audience)
        pages = read_exported(self._exports, self._bucket, trait, request, self._context.now())
        async with aclosing(pages) as read:
            async for page in read:
                yield page

    async def check_destination(self, audience: str, source: DataSource) -> None:
        """Raise ConfigError for an id that names of files need and that is not set."""
        if audience in self._bucket.audiences:
            segment_of(self._bucket, self._context.name, audience)
        data_source_id(source)
        destination_id(source)

    async def replace_members(
        self,
        audience: str,
        source: DataSource,
        batches: AsyncIterator[TargetBatch],
        key: str,  # noqa: ARG002  # a repeat writes the same members under a later time, which changes nothing
    ) -> WriteResult:
        """Have Campaign's list hold these members and no others, once it has imported them."""
        segment = segment_of(self._bucket, self._context.name, audience)
        place = Place(self._imports, self._bucket, self._context.now())
        return await replace_segment(place, segment, source, batches)


def _audience(name: str, shared: SharedAudience) -> Audience:
    return Audience(
        id=name, title=shared.title or name, readable=bool(shared.trait_id), writable=bool(shared.segment_id)
    )
