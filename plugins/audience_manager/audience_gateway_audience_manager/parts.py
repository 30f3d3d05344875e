"""Puts the parts of a connection together."""

from __future__ import annotations

from audience_gateway.sdk import Audience, Bucket, Context, GatewayError
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, Caller, Trait, caller_of
from audience_gateway.sdk.audience_manager.rest.arriving import Arriving
from audience_gateway.sdk.audience_manager.rest.audiences import Audiences
from audience_gateway.sdk.audience_manager.rest.creation import Creation

from audience_gateway_audience_manager.catalogue import Catalogue
from audience_gateway_audience_manager.customer_data import CustomerData
from audience_gateway_audience_manager.dcs import DataCollection
from audience_gateway_audience_manager.destination import DestinationCheck
from audience_gateway_audience_manager.exports import Exports
from audience_gateway_audience_manager.id_syncs import PREFIX, IdSync
from audience_gateway_audience_manager.preflight import Preflight
from audience_gateway_audience_manager.settings import AudienceManagerSettings
from audience_gateway_audience_manager.ways import Few, Ways

_ANY_NUMBER = 1 << 62


class Parts:
    """The parts of one connection; none of them does anything before it is asked.

    Args:
        settings: of the connection.
        context: the gateway's side.
    """

    def __init__(self, settings: AudienceManagerSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._traits: dict[str, Trait] = {}
        self._place = f"connections.{context.name}.settings"
        onboarding = settings.onboarding
        self.rest = AudienceManagerRest(self._caller(settings.url), settings.page_size, settings.history)
        self.audiences = Audiences(self.rest, onboarding.data_source_id if onboarding else 0)
        self.catalogue = Catalogue(self.rest, settings)
        self.buckets: dict[str, tuple[Bucket, str]] = {}
        self.inbound = self._inbound()
        self.outbound = self._outbound()

    def id_sync(self, audience: str) -> IdSync | None:
        """The links that an audience stands for; None for an audience of another kind."""
        name = audience.removeprefix(PREFIX)
        settings = self._settings.id_syncs.get(name) if audience.startswith(PREFIX) else None
        return IdSync(name, settings, self.inbound, self._settings.raw_ids, self._place) if settings else None

    def id_syncs(self) -> list[Audience]:
        """All audiences of links."""
        found = (self.id_sync(PREFIX + name) for name in self._settings.id_syncs)
        return [each.audience for each in found if each is not None]

    async def trait_to_write(self, audience: str) -> Trait:
        """The trait that members are given, looked up once for the writes of a delivery."""
        if audience not in self._traits:
            try:
                self._traits[audience] = await self.audiences.trait_to_write(audience)
            except GatewayError as error:
                error.sent = False  # the call that failed was no write
                raise
        return self._traits[audience]

    def exports(self) -> Exports:
        """What says what may leave, as it is now."""
        return Exports(self.rest, self._settings.undocumented)

    def creation(self) -> Creation:
        """What creates audiences."""
        settings = self._settings
        allowed = self.exports().require_allowed
        return Creation(self.rest, self.audiences, allowed, settings.onboarding, settings.limits, self._place)

    def destination(self) -> DestinationCheck:
        """What says whether members can be given a trait."""
        return DestinationCheck(self.rest, self.audiences, self.exports(), self._settings, self._place)

    def ways(self) -> Ways:
        """The ways that members go in."""
        settled = self.destination().require_settled
        return Ways(self.inbound, self._few(), self._settings.raw_ids, settled, self._context.now)

    def arriving(self) -> Arriving:
        """What says how far a delivery has got."""
        few = self._settings.dcs or self._settings.customer_data
        most = 0 if few is None else few.most_members if self.inbound is not None else _ANY_NUMBER
        settings = self._settings
        return Arriving(
            self.rest, self.audiences.trait_to_write, settings.arrival, settings.populations, self.inbound, most
        )

    def preflight(self) -> Preflight:
        """What looks for what keeps members from arriving."""
        return Preflight(self.rest, self.exports(), self._settings, self._context.now())

    def _caller(self, url: str) -> Caller:
        return caller_of(url, self._context, self._settings.credentials, self._settings.timeout_seconds)

    def _few(self) -> Few | None:
        if self._settings.dcs is not None:
            org_id = self._context.credentials(self._settings.credentials).org_id
            return DataCollection(self._settings.dcs, self._context, org_id)
        if self._settings.customer_data is not None:
            return CustomerData(self._settings.customer_data, self._caller(self._settings.customer_data.url))
        return None

    def _inbound(self) -> InboundFolder | None:
        inbound = self._settings.inbound
        if inbound is None:
            return None
        bucket = self._context.bucket(inbound.bucket, inbound.credentials)
        self.buckets["inbound"] = bucket, inbound.prefix
        return inbound.folder(bucket)

    def _outbound(self) -> OutboundFolder | None:
        outbound = self._settings.outbound
        if outbound is None:
            return None
        bucket = self._context.bucket(outbound.bucket, outbound.credentials)
        self.buckets["outbound"] = bucket, outbound.prefix
        return outbound.folder(bucket)
