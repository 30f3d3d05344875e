"""What all resources of the REST API share: objects, time, limits, and who calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.audience_manager.history import InboundHistory, OutboundHistory
from audience_gateway_sandbox.audience_manager.objects import PARTNER_ID
from audience_gateway_sandbox.audience_manager.populations import Populations
from audience_gateway_sandbox.audience_manager.rest.callers import Caller, caller_of
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds, moment_of
from audience_gateway_sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class Api:
    """The API of one organisation.

    Attributes:
        store: its objects.
        account_of: tells whose token a call bears.
    """

    store: Store
    clock: Clock
    assumptions: Assumptions
    account_of: Callable[[web.Request], str]
    inbound: InboundHistory
    outbound: OutboundHistory
    populations: Populations

    def now(self) -> datetime:
        """Tell the time as precisely as it is kept."""
        return moment_of(milliseconds(self.clock.now()))

    def caller(self, request: web.Request) -> Caller:
        """Tell who calls. Refuses callers that are no users, or not active, where roles matter."""
        account = self.account_of(request)
        return caller_of(self.store, account, roles=self.assumptions.role_based_access)

    def created(self, caller: Caller) -> dict[str, Any]:
        """Make the fields that tell who made an object, and when."""
        user, now = caller.user.user_id, self.now()
        return {"pid": PARTNER_ID, "create_time": now, "update_time": now, "cr_uid": user, "up_uid": user}

    def updated(self, caller: Caller) -> dict[str, Any]:
        """Make the fields that tell who changed an object last, and when."""
        return {"update_time": self.now(), "up_uid": caller.user.user_id}
