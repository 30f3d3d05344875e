"""File upload (campaign 3.12): a form with a file, kept where import workflows find theirs."""

from __future__ import annotations

import json
import re
from hashlib import md5

from aiohttp import BodyPartReader, web

from audience_gateway_sandbox.campaign.access import admit, credentials_of
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.faults import SessionFault

_FIELD = "file_noMd5"
_LARGEST = 150 << 20
"""Bytes; what the console uploads at most (campaign 2.1)."""
_NAME = re.compile(r"[^\x00-\x1f/\\.][^\x00-\x1f/\\]{0,254}")


class FileUploads:
    """Takes files from who is logged on. The answer begins with `Ok` and ends with a script for browsers."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    async def take(self, request: web.Request) -> web.Response:
        """Keep the file of a form."""
        try:
            admit(self._campaign, credentials_of(request))
        except SessionFault as fault:
            return web.Response(text=fault.text, status=web.HTTPForbidden.status_code)
        if self._campaign.uploads is None or request.content_type != "multipart/form-data":
            raise web.HTTPBadRequest
        part = await _file_of(request)
        name = "" if part is None else (part.filename or "").replace("\\", "/").rpartition("/")[2]
        if part is None or not _NAME.fullmatch(name):
            return web.Response(text=f"Error: the form has no file '{_FIELD}' with a name.")
        content = await _whole(part)
        self._campaign.uploads.put(name, content)
        told = [{"fileName": name, "md5": md5(content, usedforsecurity=False).hexdigest()}]
        listed = json.dumps(told).replace("<", "\\u003c")
        script = f"window.parent.document.controller.uploadFileCallBack({listed})"
        return web.Response(text=f"Ok<html><body><script>{script}</script></body></html>", content_type="text/html")


async def _file_of(request: web.Request) -> BodyPartReader | None:
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == _FIELD:
            return part
    return None


async def _whole(part: BodyPartReader) -> bytes:
    content = bytearray()
    while piece := await part.read_chunk():
        content += piece
        if len(content) > _LARGEST:
            raise web.HTTPRequestEntityTooLarge(_LARGEST, len(content))
    return bytes(content)
