"""Adds recipients to lists and removes them, through `nms:rcpGrpRel` (campaign 3.7).

A write is all or nothing in Campaign, so one that is refused is split until the rows that caused it stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from audience_gateway.sdk import GatewayError, Refusal, WriteRequest, WriteResult
from lxml import etree

from audience_gateway_campaign.envelope import Call
from audience_gateway_campaign.lists import existing_list
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings
from audience_gateway_campaign.splitting import Splitting
from audience_gateway_campaign.write_pace import WritePace

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
    key = settings.membership_list_key
    shared = {"_operation": operation, "_key": f"@{key}, @recipient-id", key: await _list_id(session, request.audience)}
    pace = WritePace(settings.write_rows, settings.concurrency)
    splitting = Splitting[_Row](partial(_send, session, shared), pace)
    refused += [Refusal(row.index, fault.code, fault.detail) for row, fault in await splitting.write_all(sent)]
    return WriteResult(len(rows) - len(refused), tuple(sorted(refused, key=lambda refusal: refusal.index)))


async def _list_id(session: Session, name: str) -> str:
    try:
        return (await existing_list(session, name)).id
    except GatewayError as error:
        error.sent = False  # the call that failed was no write
        raise


async def _send(session: Session, shared: dict[str, str], rows: Sequence[_Row]) -> None:
    collection = etree.Element("rcpGrpRel-collection", xtkschema="nms:rcpGrpRel")
    for row in rows:
        etree.SubElement(collection, "rcpGrpRel", shared | {"recipient-id": row.recipient})
    await session.call(Call("xtk:session", "WriteCollection", {"domDoc": collection}), len, refusals_count=True)
