"""The addresses of the instance: the SOAP router, its description, probes and uploads (sandbox 3, campaign 3.12)."""

from __future__ import annotations

from aiohttp import web

from audience_gateway_sandbox.campaign.access import Caller, admit, credentials_of
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.envelope import fault, read_call, response
from audience_gateway_sandbox.campaign.faults import (
    LoginFault,
    MethodError,
    SessionFault,
    SoapFault,
    failed_method,
    undefined_method,
)
from audience_gateway_sandbox.campaign.methods import run
from audience_gateway_sandbox.campaign.probes import Probes
from audience_gateway_sandbox.campaign.signatures import find_method
from audience_gateway_sandbox.campaign.uploads import FileUploads
from audience_gateway_sandbox.campaign.wsdl import Descriptions

_LONGEST_MESSAGE = 16 << 20


def routes(campaign: Campaign) -> list[web.RouteDef]:
    """List the addresses."""
    soap, probes = _SoapRouter(campaign), Probes(campaign)
    descriptions, uploads = Descriptions(campaign), FileUploads(campaign)
    return [
        web.post("/nl/jsp/soaprouter.jsp", soap.handle),
        web.get("/nl/jsp/schemawsdl.jsp", descriptions.answer),
        web.post("/nl/jsp/schemawsdl.jsp", descriptions.answer),
        web.post("/nl/jsp/uploadFile.jsp", uploads.take),
        web.get("/nl/jsp/ping.jsp", probes.ping),
        web.get("/nl/jsp/mcPing.jsp", probes.message_center_ping),
        web.get("/r/test", probes.redirection_test),
    ]


class _SoapRouter:
    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    async def handle(self, request: web.Request) -> web.Response:
        content = bytearray()
        async for piece in request.content.iter_any():
            content += piece
            if len(content) > _LONGEST_MESSAGE:
                raise web.HTTPRequestEntityTooLarge(_LONGEST_MESSAGE, len(content))
        try:
            answer = self._answer(request, bytes(content))
        except SoapFault as error:
            return self._refusal(error)
        return web.Response(text=answer, content_type="text/xml", charset="utf-8")

    def _answer(self, request: web.Request, content: bytes) -> str:
        call = read_call(content, request.headers.get("SOAPAction", ""))
        method = find_method(call.service, call.method)
        caller = Caller()
        # One who logs on anew may still carry the tokens of a session that is dead.
        if method is None or not method.is_logon:
            credentials = credentials_of(request, call.session_token)
            caller = admit(self._campaign, credentials, anonymous=method is None or method.is_anonymous)
        if method is None:
            raise undefined_method(call.service, call.method)
        try:
            return response(call.service, method, run(method, self._campaign, call, caller))
        except MethodError as error:
            raise failed_method(call.service, call.method, error) from None

    def _refusal(self, error: SoapFault) -> web.Response:
        faults = self._campaign.faults
        as_text = (isinstance(error, LoginFault) and faults.login_as_403) or (
            isinstance(error, SessionFault) and faults.session_as_403
        )
        if as_text:
            return web.Response(text=error.text, status=web.HTTPForbidden.status_code)
        return web.Response(text=fault(error), content_type="text/xml", charset="utf-8")
