"""Gives an external audience its members: one file with all of them, and a run that takes it in (rtcdp 1.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from audience_gateway.sdk import Bucket, DataSource, Permanent, TargetBatch, WriteResult
from audience_gateway.sdk.rest import Conflict

from audience_gateway_rtcdp.audiences import PlatformAudience
from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.external_audiences import ExternalAudiences
from audience_gateway_rtcdp.external_files import ID_COLUMN, leave_file
from audience_gateway_rtcdp.external_settings import ExternalSettings
from audience_gateway_rtcdp.generations import chosen_id, number_of
from audience_gateway_rtcdp.namespaces import namespace_of


@dataclass(frozen=True, slots=True)
class Replacing:
    """Replaces members of external audiences. Every method raises what a call raises.

    Attributes:
        catalogue: finds audiences.
        external: makes audiences and has files taken in.
        bucket: where files are left.
        settings: of external audiences.
        place: what the settings call them.
    """

    catalogue: Catalogue
    external: ExternalAudiences
    bucket: Bucket
    settings: ExternalSettings
    place: str

    async def replace(
        self, audience: str, source: DataSource, batches: AsyncIterator[TargetBatch], key: str
    ) -> WriteResult:
        """Leaves the file and has it taken in.

        A repeat leaves the same file again. While another run goes on, this one is begun when arrivals are asked for.
        """
        del key  # the file is one and the same for all writes: an external audience is made for one path
        namespace = namespace_of(self.settings.namespaces, source, self.place)
        id_, number = await self._ready(audience, namespace)
        written = await leave_file(self.bucket, self.key(audience, number), batches, namespace)
        with suppress(Conflict):
            await self.external.start(id_, int(written.file.modified.timestamp()))
        return WriteResult(written.members)

    def key(self, audience: str, number: int) -> str:
        """The file of a generation of an audience."""
        return f"{self.settings.prefix}{chosen_id(audience, number).replace('$', '-')}.csv"

    async def _ready(self, audience: str, namespace: str) -> tuple[str, int]:
        """The platform's id of an audience that can take a file, and its generation; it is made where needed."""
        found = await self.catalogue.find(audience)
        if found is None:
            return await self._make(audience, 1, namespace), 1
        self.require_own(found, audience)
        number = number_of(found)
        if len(await self.external.runs(found.id)) < self.settings.most_ingestions:
            return found.id, number
        return await self._make(audience, number + 1, namespace), number + 1

    def require_own(self, found: PlatformAudience, audience: str) -> None:
        """Raises Permanent for an audience whose members cannot be written."""
        if self.catalogue.generations.base_of(found) != audience:
            raise Permanent(
                f"the audience is a {found.type or 'rule'}: its members come by its rule, or from another source",
                place=f"{self.catalogue.platform.place} {audience}",
                remedy="Share to another name; an external audience is made for it.",
            )

    async def _make(self, audience: str, number: int, namespace: str) -> str:
        try:
            return await self.external.create(self._body(audience, number, namespace))
        except Conflict:
            # An earlier try has made it, and its answer was lost.
            found = await self.catalogue.find(audience)
            if found is None or number_of(found) != number:
                raise
            return found.id

    def _body(self, audience: str, number: int, namespace: str) -> Mapping[str, Any]:
        settings = self.settings
        params = {
            "path": f"{settings.platform_prefix}{self.key(audience, number)}",
            "type": "file",
            "sourceType": "Cloud Storage",
            "cloudType": settings.cloud_type,
        }
        if settings.base_connection_id:
            params["baseConnectionId"] = settings.base_connection_id
        return {
            "name": audience if number == 1 else f"{audience} ({number})",
            "description": f"Shared by audience-gateway as `{audience}`.",
            "customAudienceId": chosen_id(audience, number),
            "fields": [{"name": ID_COLUMN, "type": "string", "identityNs": namespace}],
            "sourceSpec": {"params": params},
            "ttlInDays": settings.ttl_days,
            "audienceType": "people",
            "originName": "CUSTOM_UPLOAD",
            "namespace": settings.audience_namespace,
            "labels": list(settings.labels),
        }
