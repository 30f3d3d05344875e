"""Audience Manager as a whole: what it keeps, and the addresses that it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.audience_manager.history import InboundHistory, NoFiles, OutboundHistory
from audience_gateway_sandbox.audience_manager.populations import NoProfiles, Populations
from audience_gateway_sandbox.audience_manager.provisioning import provisioning_routes
from audience_gateway_sandbox.audience_manager.rest import Api, rest_routes
from audience_gateway_sandbox.audience_manager.store import Store
from audience_gateway_sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class AudienceManager:
    """Audience Manager of one organisation.

    Attributes:
        store: its objects; used by the thread that answers calls.
        inbound, outbound: who tells what became of files.
        populations: who counts profiles.
    """

    store: Store
    clock: Clock
    assumptions: Assumptions
    inbound: InboundHistory = field(default_factory=NoFiles)
    outbound: OutboundHistory = field(default_factory=NoFiles)
    populations: Populations = field(default_factory=NoProfiles)

    def routes(self, account_of: Callable[[web.Request], str]) -> list[web.RouteDef]:
        """List the addresses; `account_of` tells whose token a call bears."""
        api = Api(self.store, self.clock, self.assumptions, account_of, self.inbound, self.outbound, self.populations)
        return [*rest_routes(api), *provisioning_routes(api)]

    def close(self) -> None:
        """Close the store."""
        self.store.close()
