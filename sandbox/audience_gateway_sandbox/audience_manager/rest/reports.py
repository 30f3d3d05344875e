"""`/reports` (audience-manager 1.3); the shapes of the answers are assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import Segment, Trait, TraitType
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import json_object, number_of
from audience_gateway_sandbox.audience_manager.rest.callers import SEGMENT, TRAIT
from audience_gateway_sandbox.audience_manager.rest.errors import malformed
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import number
from audience_gateway_sandbox.audience_manager.store import milliseconds, moment_of

INTERVALS = {"1D": 1, "7D": 7, "14D": 14, "30D": 30, "60D": 60}
_MOST_POINTS = 366
_TOLD = ("sid", "name", "description", "dataSourceId", "folderId")


class Reports:
    """Answers which traits and segments are large, which have changed, and how traits went on."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def largest_traits(self, request: web.Request) -> web.Response:
        """List traits by how many profiles came to them."""
        return self._ranked(request, self._traits(request), "uniques", self._api.populations.trait_uniques)

    async def most_changed_traits(self, request: web.Request) -> web.Response:
        """List traits by how that has changed."""
        return self._ranked(request, self._traits(request), "delta", self._api.populations.trait_uniques)

    async def largest_segments(self, request: web.Request) -> web.Response:
        """List segments by how many profiles are in them."""
        return self._ranked(request, self._segments(request), "uniques", self._in_segment)

    async def most_changed_segments(self, request: web.Request) -> web.Response:
        """List segments by how that has changed."""
        return self._ranked(request, self._segments(request), "delta", self._in_segment)

    async def traits_trend(self, request: web.Request) -> web.Response:
        """Tell how many profiles came to traits, interval after interval."""
        body = await _form_or_json(request)
        days = _interval(str(body.get("interval", "1D")))
        start, end = number_of(body.get("startDate")), number_of(body.get("endDate"))
        sids = [number_of(each) for each in body.get("sids", [])]
        if start is None or end is None or None in sids:
            raise malformed("There have to be startDate and endDate, in milliseconds, and sids.")
        points = (end - start) // (days * 86_400_000) + 1
        if not 0 < points <= _MOST_POINTS:
            raise malformed(f"There have to be between 1 and {_MOST_POINTS} intervals.")
        step = timedelta(days=days)
        moments = [moment_of(start) + step * (point + 1) for point in range(points)]
        caller = self._api.caller(request)
        traits = [
            trait
            for trait in self._api.store.traits.all(sid=tuple(each for each in sids if each is not None))
            if caller.may("READ", TRAIT, trait.sid, trait.cr_uid)
        ]
        return web.json_response([self._trend(trait, days, moments) for trait in traits])

    def _trend(self, trait: Trait, days: int, moments: Sequence[datetime]) -> Mapping[str, Any]:
        populations = self._api.populations
        metrics = [
            {
                "date": milliseconds(moment - timedelta(days=days)),
                "uniques": populations.trait_uniques(trait.sid, days, moment),
                "count": populations.trait_qualifications(trait.sid, days, moment),
            }
            for moment in moments
        ]
        return {"sid": trait.sid, "name": trait.name, "traitType": trait.trait_type, "metrics": metrics}

    def _ranked(
        self,
        request: web.Request,
        objects: Sequence[Trait] | Sequence[Segment],
        by: str,
        uniques: Callable[[int, int, datetime], int],
    ) -> web.Response:
        days, now = _interval(request.query.get("interval", "1D")), self._api.now()
        cut_off = number(request, "cutOff", 0)
        rows = []
        for each in objects:
            latest, before = uniques(each.sid, days, now), uniques(each.sid, days, now - timedelta(days=days))
            told = {name: value for name, value in as_json(each).items() if name in _TOLD}
            rows.append(told | {"uniques": latest, "delta": latest - before})
        rows = [row for row in rows if row["uniques"] >= cut_off]
        return listed(request, sorted(rows, key=lambda row: (-abs(row[by]), row["sid"])), dict)

    def _traits(self, request: web.Request) -> Sequence[Trait]:
        caller, kind = self._api.caller(request), request.query.get("restrictType", "")
        if kind and kind not in set(TraitType):
            raise malformed(f"restrictType is one of {', '.join(TraitType)}.")
        found = self._api.store.traits.all(**({"trait_type": TraitType(kind)} if kind else {}))
        return [each for each in found if caller.may("READ", TRAIT, each.sid, each.cr_uid)]

    def _segments(self, request: web.Request) -> Sequence[Segment]:
        caller = self._api.caller(request)
        return [each for each in self._api.store.segments.all() if caller.may("READ", SEGMENT, each.sid, each.cr_uid)]

    def _in_segment(self, sid: int, days: int, at: datetime) -> int:
        return self._api.populations.segment_uniques(sid, days, at, real_time=False)


def _interval(text: str) -> int:
    if text not in INTERVALS:
        raise malformed(f"interval is one of {', '.join(INTERVALS)}.")
    return INTERVALS[text]


async def _form_or_json(request: web.Request) -> Mapping[str, Any]:
    """Read a body; a known client sends it as a form, in which `sids` repeats."""
    if "form" in request.content_type:
        form = await request.post()
        return dict(form) | {"sids": form.getall("sids", [])}
    body = await json_object(request)
    if not isinstance(body.get("sids", []), list):
        raise malformed("sids has to be an array.", ["sids: is no array"])
    return body
