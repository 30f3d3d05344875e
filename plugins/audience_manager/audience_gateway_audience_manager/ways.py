"""The ways that members go in, and which of them a write takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import pyarrow as pa
from audience_gateway.sdk import ConfigError, GatewayError, Refusal, TargetBatch, WriteRequest, WriteResult
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_lines import RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_writing import write
from audience_gateway.sdk.audience_manager.rest import Trait

from audience_gateway_audience_manager.at_once import AtOnce
from audience_gateway_audience_manager.customer_data import CustomerData
from audience_gateway_audience_manager.raw_ids import screen
from audience_gateway_audience_manager.realtime_settings import RawIdSettings


class Few(Protocol):
    """A way for a few members at once."""

    @property
    def most_members(self) -> int:
        """Most members of a write that goes this way."""
        ...

    async def add(self, request: WriteRequest, trait: int) -> AtOnce:
        """Gives each member the trait, or says why it was refused, or that it is not known to have it."""
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """Sends writes: a few members at once, more in a file; who must not leave is refused beforehand.

    Attributes:
        folder: where files are left; None if there is no such place.
        few: the way for a few; None if there is none.
        raw_ids: which ids must not leave.
        require_settled: raises Permanent for a trait that is too new.
        now: tells the time, in UTC.
    """

    folder: InboundFolder | None
    few: Few | None
    raw_ids: RawIdSettings
    require_settled: Callable[[Trait, datetime], None]
    now: Callable[[], datetime]

    async def add(self, request: WriteRequest, trait: Trait) -> WriteResult:
        """Gives each member the trait, or says why it was refused."""
        self.require_settled(trait, self.now())
        few = self.few if self.is_few(len(request.batch)) else None
        screened = screen(request, self.raw_ids)
        if few is None:
            return screened.account(await self._file(screened.request, trait, RealiseTrait(trait.id)))
        done = await few.add(screened.request, trait.id)
        return screened.account(await self._with_file(screened.request, trait, done))

    async def remove(self, request: WriteRequest, trait: Trait) -> WriteResult:
        """Takes the trait from each member, or says why that was refused."""
        screened = screen(request, self.raw_ids)
        if isinstance(self.few, CustomerData) and self.is_few(len(request.batch)):
            return screened.account(await self.few.remove(screened.request, trait.id))
        return screened.account(await self._file(screened.request, trait, RemoveTrait(trait.id)))

    def is_few(self, members: int) -> bool:
        """Whether so many members go the way for a few."""
        return self.few is not None and (self.folder is None or members <= self.few.most_members)

    async def _with_file(self, request: WriteRequest, trait: Trait, done: AtOnce) -> WriteResult:
        """Puts those into a file who are not known to have got the trait: said twice, it is there once."""
        if not done.unsure:
            return done.result
        unsure = replace(request, batch=TargetBatch.of(request.batch.targets.take(pa.array(done.unsure))))
        try:
            filed = await self._file(unsure, trait, RealiseTrait(trait.id))
        except GatewayError as error:
            error.sent = True
            raise
        moved = [Refusal(done.unsure[each.index], each.code, each.detail) for each in filed.refused]
        refused = sorted([*done.result.refused, *moved], key=lambda refusal: refusal.index)
        return WriteResult(done.result.accepted - len(moved), tuple(refused))

    async def _file(self, request: WriteRequest, trait: Trait, item: RealiseTrait | RemoveTrait) -> WriteResult:
        if self.folder is None:
            raise ConfigError("found no way to write so many members", remedy="Set the bucket of inbound files.")
        owner = trait.data_source_id
        target = owner if owner != request.source.aam_data_source_id else None
        return await write(self.folder, request, item, self.now(), target=target)
