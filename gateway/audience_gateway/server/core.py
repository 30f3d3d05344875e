"""What the server puts the API in front of."""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_gateway.api.replays import Replays
from audience_gateway.api.rights import Rights
from audience_gateway.erasures.service import ErasureService
from audience_gateway.identity.service import IdentityService
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.registry import Registry
from audience_gateway.pushes.intake import PushIntake
from audience_gateway.schedules.service import ScheduleService
from audience_gateway.streams.member_streams import MemberStreams
from audience_gateway.suppression.service import SuppressionService
from audience_gateway.transfers.service import MatchReports, TransferService


@dataclass(frozen=True, slots=True)
class Core:
    """The core of a gateway.

    Attributes:
        registry: what plugins have registered.
        connections: the configured connections.
        transfers: starts transfers and tells of them.
        matching: reports how well the ids of transfers matched.
        identities: tries out how ids reconcile.
        suppressing: keeps the suppression list.
        erasing: erases ids.
        streams: takes streams of members in.
        schedules: shares again and again.
        pushes: takes members in that systems push.
        replays: answers requests once.
        page_token_key: the secret that page tokens are signed with.
        rights: who may do what not everybody may.
    """

    registry: Registry
    connections: Connections
    transfers: TransferService
    matching: MatchReports
    identities: IdentityService
    suppressing: SuppressionService
    erasing: ErasureService
    streams: MemberStreams
    schedules: ScheduleService
    pushes: PushIntake
    replays: Replays
    page_token_key: bytes
    rights: Rights = field(default_factory=Rights)
