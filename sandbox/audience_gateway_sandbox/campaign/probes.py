"""What monitoring asks of an instance (sandbox 3.3, campaign 3.12)."""

from __future__ import annotations

from aiohttp import web

from audience_gateway_sandbox.campaign.access import admit, credentials_of
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.faults import SessionFault
from audience_gateway_sandbox.campaign.instance import BUILD, INSTANCE
from audience_gateway_sandbox.campaign.times import time_text


class Probes:
    """Answers probes; the second one reads the database, as the real one does."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    async def redirection_test(self, _: web.Request) -> web.Response:
        """Tell anybody that the redirection module works."""
        text = f"<redir status='OK' date='{self._now()}' build='{BUILD}' instance='{INSTANCE}'/>"
        return web.Response(text=text, content_type="text/xml", charset="utf-8")

    async def ping(self, request: web.Request) -> web.Response:
        """Tell who is logged on that the whole instance works."""
        try:
            admit(self._campaign, credentials_of(request))
        except SessionFault as fault:
            return web.Response(text=fault.text, status=web.HTTPForbidden.status_code)
        self._campaign.database.execute("SELECT 1 FROM folder").fetchone()
        return web.Response(text=f"OK\n{self._now()}\n")

    def _now(self) -> str:
        return time_text(self._campaign.clock.now())
