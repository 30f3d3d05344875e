"""`/data/core/privacy/jobs` of the Privacy Service, for Audience Manager only (audience-manager 9, rtcdp 8.4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from json import JSONDecodeError
from typing import Any
from uuid import uuid4

from aiohttp import web

from audience_gateway_sandbox.audience_manager.customer_data.operations import BadOperation
from audience_gateway_sandbox.audience_manager.customer_data.privacy_requests import PrivacyRequest, read_requests
from audience_gateway_sandbox.audience_manager.customer_data.profile_view import profile_view
from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.profiles.privacy import erase
from audience_gateway_sandbox.audience_manager.store import milliseconds
from audience_gateway_sandbox.clock import Clock

_PRODUCT = "AudienceManager"


def privacy_routes(data: AudienceData, clock: Clock) -> list[web.RouteDef]:
    """List the addresses; the API gateway stands in front of them."""
    service = _PrivacyService(data, clock)
    return [
        web.post("/data/core/privacy/jobs", service.make),
        web.get("/data/core/privacy/jobs/{id}", service.tell),
    ]


class _PrivacyService:
    def __init__(self, data: AudienceData, clock: Clock) -> None:
        self._data, self._clock = data, clock

    async def make(self, request: web.Request) -> web.Response:
        """Carry out a job for each user and action, and answer with their numbers."""
        try:
            body = await request.json()
        except (JSONDecodeError, UnicodeDecodeError):
            return _bad("The body is no JSON.")
        try:
            jobs = await asyncio.to_thread(self._carry_out, body, self._clock.now())
        except BadOperation as error:
            return _bad(str(error))
        return web.json_response({"jobs": jobs, "requestStatus": 1, "totalRecords": len(jobs)}, status=202)

    async def tell(self, request: web.Request) -> web.Response:
        """Tell what became of a job."""
        job = await asyncio.to_thread(self._job, request.match_info["id"])
        if job is None:
            raise web.HTTPNotFound
        return web.json_response(job)

    def _carry_out(self, body: object, now: datetime) -> list[dict[str, Any]]:
        with self._data.database.transaction():
            requests = read_requests(body, self._data.store, self._data.identities.org_id)
        return [self._act(request, action, now) for request in requests for action in sorted(set(request.actions))]

    def _act(self, request: PrivacyRequest, action: str, now: datetime) -> dict[str, Any]:
        number = str(uuid4())
        found = self._accessed(request, now) if action == "access" else self._erased(request, now)
        told = {
            "jobId": number,
            "userKey": request.key,
            "action": action,
            "status": "complete",
            "createdDate": f"{now:%m/%d/%Y %I:%M %p} GMT",
            "productResponses": [
                {"product": _PRODUCT, "productStatusResponse": {"status": "complete", "results": list(found)}}
            ],
        }
        with self._data.database.transaction() as db:
            db.execute("INSERT INTO privacy_job VALUES (?, ?)", (number, json.dumps(told)))
        return {"jobId": number, "customer": {"user": {"key": request.key, "action": [action]}}}

    def _accessed(self, request: PrivacyRequest, now: datetime) -> Sequence[Any]:
        views = (
            profile_view(self._data, each.data_source_id, each.value, milliseconds(now), (), kind=each.kind)
            for each in request.identities
        )
        return [view["profile"] for view in views if view is not None]

    def _erased(self, request: PrivacyRequest, now: datetime) -> Sequence[Any]:
        """Erase whom a request names; tells how many profiles each of the ids that are known reached."""
        with self._data.database.transaction() as db:
            profiles = [
                self._data.identities.known(db, each.kind, each.data_source_id, each.value)
                for each in request.identities
            ]
            return [{"profiles": erase(db, profile, milliseconds(now))} for profile in profiles if profile is not None]

    def _job(self, number: str) -> Any:  # noqa: ANN401 - as it was written
        with self._data.database.transaction() as db:
            row = db.execute("SELECT told FROM privacy_job WHERE id = ?", (number,)).fetchone()
        return None if row is None else json.loads(row[0])


def _bad(message: str) -> web.Response:
    return web.json_response({"status": 400, "title": message}, status=400)
