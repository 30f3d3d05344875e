"""The sandbox's own addresses about the platform: its description, and what its seed makes known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.platform.openapi.description import description
from audience_gateway_sandbox.platform.platform import Platform
from audience_gateway_sandbox.platform.profiles.records import skipped
from audience_gateway_sandbox.platform.seeding.facts import audience_fact, facts_of, gold_day
from audience_gateway_sandbox.platform.storage import PRODUCTION
from audience_gateway_sandbox.platform.wire import Service


def admin_routes(platform: Platform, services: Sequence[Service]) -> list[web.RouteDef]:
    """List the addresses."""

    @cache
    def described() -> dict[str, Any]:
        return description(services)

    @cache
    def unchanging() -> dict[str, Any]:
        linking_rules = platform.assumptions.graph_linking_rules
        return asdict(facts_of(platform.population, linking_rules=linking_rules)) | {"audience": audience_fact()}

    def known() -> dict[str, Any]:
        days = [asdict(gold_day(platform.population, day)) for day in range(platform.day + 2)]
        return unchanging() | {"days": days}

    async def openapi(_: web.Request) -> web.Response:
        return web.json_response(described())

    async def facts(_: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(known))

    async def records(request: web.Request) -> web.Response:
        name = request.query.get("sandbox", PRODUCTION)
        return web.json_response({"skipped": await asyncio.to_thread(platform.work, name, skipped)})

    return [
        web.get("/sandbox/platform/openapi.json", openapi),
        web.get("/sandbox/platform/facts", facts),
        web.get("/sandbox/platform/records", records),
    ]
