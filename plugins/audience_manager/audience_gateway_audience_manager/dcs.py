"""Gives members a trait by data collection servers, one call a member: good at once, for a few (audience-manager 6).

A call has one member only, because all ids of a call are taken for those of one person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
from audience_gateway.sdk import (
    ConfigError,
    Context,
    DataSource,
    GatewayError,
    Refusal,
    Transient,
    WriteRequest,
    WriteResult,
    body_of,
)
from audience_gateway.sdk.rest import NOT_CONNECTED

from audience_gateway_audience_manager.at_once import AtOnce
from audience_gateway_audience_manager.dcs_answers import Taken, read_answer
from audience_gateway_audience_manager.dcs_events import CustomerId, DcsEvent
from audience_gateway_audience_manager.one_at_a_time import alone
from audience_gateway_audience_manager.realtime_settings import DcsSettings

_LONGEST_ANSWER = 1 << 20


@dataclass(slots=True)
class _Members:
    """The members of a write: those that no call was made for, how many calls were begun, and what came of them."""

    waiting: Iterator[tuple[int, str]]
    source: DataSource
    trait: int
    begun: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unsure: list[int] = field(default_factory=list)


class DataCollection:
    """Calls data collection servers.

    Args:
        settings: of the servers.
        context: the gateway's side.
        org_id: organisation of the credentials.
    """

    def __init__(self, settings: DcsSettings, context: Context, org_id: str) -> None:
        self._settings = settings
        self._context = context
        self._org_id = settings.org_id or org_id
        self._place = urlsplit(settings.url).netloc
        self._connection = f"connections.{context.name}.settings"

    @property
    def most_members(self) -> int:
        """Most members of a write that is made so."""
        return self._settings.most_members

    async def add(self, request: WriteRequest, trait: int) -> AtOnce:
        """Gives each member the trait, or says why it was refused, or that it is not known to have it.

        Raises what concerns more than one member; `sent` says whether any may have got the trait all the same.
        """
        if not self._org_id:
            raise ConfigError("found no organisation", place=f"{self._connection}.dcs.org_id", remedy="Set it.")
        members = _Members(iter(enumerate(request.batch.targets.to_pylist())), request.source, trait)
        tasks = [asyncio.create_task(self._work(members)) for _ in range(self._settings.concurrency)]
        try:
            await asyncio.gather(*tasks)
        except GatewayError as error:
            error.sent = error.sent or members.begun > 1
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        refused = sorted(members.refused, key=lambda refusal: refusal.index)
        return AtOnce(WriteResult(len(request.batch) - len(refused), tuple(refused)), tuple(sorted(members.unsure)))

    async def _work(self, members: _Members) -> None:
        for index, member in members.waiting:
            async with alone(f"{self._org_id} {members.source.name}", member):
                members.begun += 1
                found = await self._call(index, self._event(member, members.source, members.trait))
            if isinstance(found, Refusal):
                members.refused.append(found)
            elif self._settings.confirm and members.trait not in found.traits:
                members.unsure.append(index)

    def _event(self, member: str, source: DataSource, trait: int) -> DcsEvent:
        if source.id_type in self._settings.device_id_types:
            return DcsEvent(self._org_id, (trait,), device_id=member, asks_for_traits=self._settings.confirm)
        customer = CustomerId(source.aam_data_source_id, member, self._settings.auth_state)
        return DcsEvent(self._org_id, (trait,), (customer,), asks_for_traits=self._settings.confirm)

    async def _call(self, index: int, event: DcsEvent) -> Refusal | Taken:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self._settings.host:
            headers["Host"] = self._settings.host
        # Posted, so that no id stands in an address, which others write into their logs.
        call = self._context.http.post(
            f"{self._settings.url.rstrip('/')}/event",
            data=event.form().encode(),
            headers=headers,
            allow_redirects=False,
        )
        try:
            async with asyncio.timeout(self._settings.timeout_seconds), call as response:
                body = await body_of(response, _LONGEST_ANSWER) or b""
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Transient(
                f"a data collection server cannot be reached ({type(error).__name__})",
                place=self._place,
                sent=not isinstance(error, NOT_CONNECTED),
            ) from error
        return read_answer(
            response.status, response.headers, body, index=index, place=self._place, settings=self._connection
        )
