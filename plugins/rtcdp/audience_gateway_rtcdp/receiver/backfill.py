"""Whether everybody was pushed who was in an audience before it was activated (rtcdp 4, 10.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import ConfigError, Permanent, PushedMembers

from audience_gateway_rtcdp.flow_service import FlowService
from audience_gateway_rtcdp.receiver.receiver_settings import ReceiverSettings
from audience_gateway_rtcdp.selectors import selectors_of


@dataclass(frozen=True, slots=True)
class Backfill:
    """Compares what has come with when the platform began to push. Raises what a call raises, too.

    Attributes:
        settings: of the receiver.
        pushed: what has come.
        flows: the flow service.
        place: what the settings call it.
    """

    settings: ReceiverSettings
    pushed: PushedMembers
    flows: FlowService
    place: str

    async def require(self, platform_id: str, audience: str, now: datetime) -> None:
        """Raises ConfigError or Permanent if who is missing may be a member all the same.

        To take those for leavers would remove them from the destination.
        """
        await self._require_activated(platform_id)
        history = await self.pushed.history(audience)
        if history is None:
            raise Permanent(
                "nothing was pushed of this audience yet",
                place=self.place,
                remedy="Activate it to the destination, or look at its dataflow runs in Experience Platform.",
            )
        if audience in self.settings.changes_only:
            return  # nobody leaves for not being there
        again = history.mapped_again
        if again is not None and not self.settings.is_confirmed(audience, again):
            raise ConfigError(
                f"the audience was activated anew at {_shown(again)}: who joined or left before was not pushed, and the"
                " platform pushes earlier members only the first time",
                place=f"{self.place}.backfilled.{audience}",
                remedy="Activate a copy of the audience instead, or share only its changes (`receiver.changes_only`);"
                " or set this to a time after the activation, if nothing has changed between.",
            )
        complete = max(history.first, again or history.mapped or history.first) + self.settings.backfill
        if now < complete:
            raise Permanent(
                f"members of before the activation may still be coming until {_shown(complete)}",
                place=self.place,
                remedy="Share again after that; `backfill_seconds` says how long they take.",
            )

    async def _require_activated(self, audience: str) -> None:
        if not self.settings.flow:
            return
        flow = await self.flows.find("flows", self.settings.flow)
        if flow is None or audience not in selectors_of(flow) or str(flow.get("state", "")).lower() == "disabled":
            raise ConfigError(
                f"the flow `{self.settings.flow}` does not push this audience: what was pushed before grows old",
                place=f"{self.place}.flow",
                remedy="Activate the audience in that flow, and enable it.",
            )


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
