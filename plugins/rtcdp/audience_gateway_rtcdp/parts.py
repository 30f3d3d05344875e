"""The parts of a connection, put together from its settings."""

from __future__ import annotations

from functools import cached_property

from audience_gateway.sdk import Bucket, ConfigError, Context

from audience_gateway_rtcdp.activation import Activation
from audience_gateway_rtcdp.arriving import Arriving
from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.dataset.dataset_reading import DatasetReading
from audience_gateway_rtcdp.destination import DestinationCheck
from audience_gateway_rtcdp.export_modes import ExportModes
from audience_gateway_rtcdp.external_audiences import ExternalAudiences
from audience_gateway_rtcdp.external_settings import DEFAULT_NAMESPACE, ExternalSettings
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.flow_service import FlowService
from audience_gateway_rtcdp.generations import Generations
from audience_gateway_rtcdp.governance import Governance
from audience_gateway_rtcdp.lookup.lookup_reading import LookupReading
from audience_gateway_rtcdp.lookup.lookup_settings import LookupSettings
from audience_gateway_rtcdp.lookup.profile_access import ProfileAccess
from audience_gateway_rtcdp.on_demand import OnDemand
from audience_gateway_rtcdp.platform import Platform
from audience_gateway_rtcdp.policies import Policies
from audience_gateway_rtcdp.preflight import Preflight
from audience_gateway_rtcdp.reading import Reading
from audience_gateway_rtcdp.receiver.backfill import Backfill
from audience_gateway_rtcdp.receiver.pushed_reading import PushedReading
from audience_gateway_rtcdp.receiver.receiver_settings import ReceiverSettings
from audience_gateway_rtcdp.replacing import Replacing
from audience_gateway_rtcdp.routes import Routes
from audience_gateway_rtcdp.settings import RtcdpSettings
from audience_gateway_rtcdp.source import SourceCheck
from audience_gateway_rtcdp.streaming import Streaming
from audience_gateway_rtcdp.streaming_settings import StreamingSettings


class Parts:
    """Makes each part when it is first needed.

    Args:
        settings: of the connection.
        context: the gateway's side.
    """

    def __init__(self, settings: RtcdpSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self.place = f"connections.{context.name}.settings"

    @cached_property
    def platform(self) -> Platform:
        """Experience Platform's services."""
        return Platform(self._settings, self._context)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The audiences."""
        external = self._settings.external
        return Catalogue(
            self.platform,
            self._settings.size_jobs,
            reads=bool(self._settings.ways_to_read),
            writes=external is not None,
            generations=Generations(external.audience_namespace if external else DEFAULT_NAMESPACE),
        )

    @cached_property
    def reading(self) -> Reading | DatasetReading | PushedReading | LookupReading:
        """What reads members. Raises ConfigError where that is not configured."""
        if self._settings.dataset is not None:
            return DatasetReading(self.catalogue, self._settings.dataset, self._settings.governance.consent)
        if self._settings.receiver is not None:
            return self._pushed(self._settings.receiver)
        if self._settings.lookup is not None:
            return self._looked_up(self._settings.lookup)
        files = self._settings.files
        if files is None:
            raise ConfigError(
                "found no bucket to read members from: Experience Platform has no list of members to ask for",
                place=f"{self.place}.files.bucket",
                remedy="Set it to the bucket that a file destination exports the audience to.",
            )
        bucket = self._context.bucket(files.bucket, files.credentials)
        flow = self._settings.activation.name if self._settings.activation else ""
        ordered = self._settings.on_demand
        return Reading(
            catalogue=self.catalogue,
            folder=ExportFolder(bucket, files, self._settings.governance.consent),
            modes=ExportModes(self.flows, flow, files) if flow else None,
            on_demand=OnDemand(self.flows, flow, ordered) if ordered else None,
            now=self._context.now,
        )

    def _pushed(self, settings: ReceiverSettings) -> PushedReading:
        place, pushed = f"{self.place}.receiver", self._context.pushed
        backfill = Backfill(settings, pushed, self.flows, place)
        return PushedReading(self.catalogue, settings, pushed, backfill, place, self._context.now)

    def _looked_up(self, settings: LookupSettings) -> LookupReading:
        bucket = self._context.bucket(settings.bucket, settings.credentials)
        access = ProfileAccess(self.platform, settings.merge_policy)
        return LookupReading(self.catalogue, settings, access, bucket, f"{self.place}.lookup")

    @cached_property
    def replacing(self) -> Replacing:
        """What gives external audiences their members. Raises ConfigError where that is not configured."""
        external = self._settings.external
        if external is None:
            raise ConfigError(
                "found no bucket to leave members in",
                place=f"{self.place}.external.bucket",
                remedy="Set it to a bucket that Experience Platform reads from.",
            )
        return Replacing(
            catalogue=self.catalogue,
            external=ExternalAudiences(self.platform, external.operation_seconds, external.poll_seconds),
            bucket=self._bucket(external),
            settings=external,
            place=f"{self.place}.external",
        )

    @cached_property
    def arriving(self) -> Arriving:
        """What tells how far members have got. Raises what `replacing` raises."""
        return Arriving(self.replacing)

    @cached_property
    def destination(self) -> DestinationCheck:
        """What says whether members can be written. Raises what `replacing` raises."""
        return DestinationCheck(self.replacing)

    @cached_property
    def flows(self) -> FlowService:
        """The flow service."""
        return FlowService(self.platform, self._settings.page_size)

    @cached_property
    def governance(self) -> Governance:
        """What says whether members may leave."""
        return Governance(self.policies, self._settings.governance)

    @cached_property
    def policies(self) -> Policies:
        """The policy service."""
        governance = self._settings.governance
        return Policies(self.platform, governance.marketing_action, governance.drafts)

    @cached_property
    def preflight(self) -> Preflight:
        """What looks for what is wrong."""
        return Preflight(self._settings, self.policies, self.flows, self._bucket, self._context.pushed)

    def _bucket(self, external: ExternalSettings) -> Bucket:
        return self._context.bucket(external.bucket, external.credentials)

    @cached_property
    def activation(self) -> Activation | None:
        """The file destination to Campaign; None where it is not configured."""
        activation = self._settings.activation
        return Activation(self.flows, activation, f"{self.place}.activation") if activation else None

    @cached_property
    def source(self) -> SourceCheck:
        """What says whether members may be shared."""
        routes = Routes(self.flows, self._settings.routes, f"{self.place}.routes")
        return SourceCheck(self.catalogue, self.governance, routes, self.activation)

    def streaming(self, settings: StreamingSettings) -> Streaming:
        """What writes members by streaming collection."""
        return Streaming(self._settings, settings, self.platform, self._context)
