"""Adds recipients to lists and removes them, through `nms:rcpGrpRel` (campaign 3.7).

A write is all or nothing in Campaign, so one that is refused is split until the rows that caused it stand alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from audience_gateway.sdk import GatewayError, Refusal, WriteRequest, WriteResult
from lxml import etree

from audience_gateway_campaign.envelope import Call
from audience_gateway_campaign.faults import FaultError
from audience_gateway_campaign.lists import RecipientList, existing_list
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings

Operation = Literal["insertOrUpdate", "delete"]

_RECIPIENT_KEY = re.compile(r"[0-9A-Za-z-]{1,64}")
_NO_KEY = Refusal(-1, "not-a-recipient-key", "The target is no primary key of a recipient.")


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    recipient: str


async def change_membership(
    session: Session, settings: CampaignSettings, request: WriteRequest, operation: Operation
) -> WriteResult:
    """Add the request's recipients to its list or remove them; a repeat changes nothing.

    Raises Permanent if the list does not exist, or for a refusal that concerns the whole request. Errors say whether
    a part of the request may have been written.
    """
    rows = [_Row(index, target) for index, target in enumerate(request.batch.targets.to_pylist())]
    sent = [row for row in rows if _RECIPIENT_KEY.fullmatch(row.recipient or "")]
    refused = [Refusal(row.index, _NO_KEY.code, _NO_KEY.detail) for row in set(rows) - set(sent)]
    writer = _Writer(session, settings, await _list(session, request.audience), operation)
    refused += await writer.write_all(sent)
    return WriteResult(len(rows) - len(refused), tuple(sorted(refused, key=lambda refusal: refusal.index)))


async def _list(session: Session, name: str) -> RecipientList:
    try:
        return await existing_list(session, name)
    except GatewayError as error:
        error.sent = False  # the call that failed was no write
        raise


class _Writer:
    """Writes memberships of one list."""

    def __init__(self, session: Session, settings: CampaignSettings, to: RecipientList, operation: Operation) -> None:
        self._session = session
        self._settings = settings
        self._list = to
        self._operation = operation
        self._in_flight = asyncio.Semaphore(settings.concurrency)
        self._sent_parts = 0

    async def write_all(self, rows: Sequence[_Row]) -> list[Refusal]:
        """Write all rows, a part at a time; answer those that were refused."""
        size = self._settings.write_rows
        try:
            async with asyncio.TaskGroup() as parts:
                written = [
                    parts.create_task(self._write(rows[start : start + size])) for start in range(0, len(rows), size)
                ]
        except ExceptionGroup as errors:
            first = errors.exceptions[0]
            if isinstance(first, GatewayError):
                first.sent = self._sent_parts > 0
            raise first from None
        return [refusal for part in written for refusal in part.result()]

    async def _write(self, rows: Sequence[_Row]) -> list[Refusal]:
        try:
            async with self._in_flight:
                await self._send(rows)
        except FaultError as fault:
            if fault.is_about_the_request:
                raise
            if len(rows) == 1:
                return [Refusal(rows[0].index, fault.code, fault.detail)]
            middle = len(rows) // 2
            return await self._write(rows[:middle]) + await self._write(rows[middle:])
        return []

    async def _send(self, rows: Sequence[_Row]) -> None:
        self._sent_parts += 1
        try:
            await self._session.call(self._call(rows), len)
        except GatewayError as error:
            self._sent_parts -= not error.sent
            raise

    def _call(self, rows: Sequence[_Row]) -> Call:
        list_key = self._settings.membership_list_key
        collection = etree.Element("rcpGrpRel-collection", xtkschema="nms:rcpGrpRel")
        shared = {"_operation": self._operation, "_key": f"@{list_key}, @recipient-id", list_key: self._list.id}
        for row in rows:
            etree.SubElement(collection, "rcpGrpRel", shared | {"recipient-id": row.recipient})
        return Call("xtk:session", "WriteCollection", {"domDoc": collection})
