"""What monitoring asks of an instance (sandbox 3.3, campaign 3.12)."""

from __future__ import annotations

from aiohttp import web

from audience_gateway_sandbox.campaign.access import admit, credentials_of
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.faults import SessionFault
from audience_gateway_sandbox.campaign.instance import INSTANCE, SHA1
from audience_gateway_sandbox.campaign.queries.row_format import escaped
from audience_gateway_sandbox.campaign.times import time_text

_LONGEST_QUEUE = 400


class Probes:
    """Answers probes; those behind a session read the database, as the real ones do."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    async def redirection_test(self, request: web.Request) -> web.Response:
        """Tell anybody that the redirection module works."""
        edition = self._campaign.edition
        major, minor, _ = edition.version
        address = escaped(request.remote or "")
        text = (
            f"<redir status='OK' date='{self._now()}' build='{edition.build}' version='{major}.{minor}' sha1='{SHA1}'"
            f" instance='{INSTANCE}' sourceIP='{address}' host='localhost' localHost='localhost'/>"
        )
        return web.Response(text=text, content_type="text/xml", charset="utf-8")

    async def ping(self, request: web.Request) -> web.Response:
        """Tell who is logged on that the whole instance works."""
        try:
            admit(self._campaign, credentials_of(request))
        except SessionFault as fault:
            return web.Response(text=fault.text, status=web.HTTPForbidden.status_code)
        self._campaign.database.execute("SELECT 1 FROM folder").fetchone()
        return web.Response(text=f"OK\n{self._now()}\n")

    async def message_center_ping(self, request: web.Request) -> web.Response:
        """Tell who is logged on how many real-time events wait; nothing takes them away here."""
        try:
            admit(self._campaign, credentials_of(request))
        except SessionFault as fault:
            return web.Response(text=fault.text, status=web.HTTPForbidden.status_code)
        (waiting,) = self._campaign.database.execute("SELECT count(*) FROM rt_event").fetchone()
        if waiting > _LONGEST_QUEUE:
            return web.Response(text=f"Error\n{self._now()}\nThe queue is full ({waiting}/{_LONGEST_QUEUE})\n")
        return web.Response(text=f"Ok\n{self._now()}\n{waiting}/{_LONGEST_QUEUE} pending events\n")

    def _now(self) -> str:
        return time_text(self._campaign.clock.now())
