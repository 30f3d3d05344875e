"""The same request again gets the first answer, byte for byte; another payload under its id is refused."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from google.protobuf.message import Message

from audience_gateway.storage.requests import Kept, RequestLog
from audience_gateway.transfers.service import RequestIdReused

Answer = TypeVar("Answer", bound=Message)


class Replays:
    """Answers requests once.

    Of two twins at the same time both may take effect, which has to be the same; both get what was kept first. An
    error is not kept.

    Args:
        log: where answers are kept.
    """

    def __init__(self, log: RequestLog) -> None:
        self._log = log

    async def once(
        self, method: str, request: Message, answer_type: type[Answer], respond: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """The answer to a request. Raises RequestIdReused, and what responding raises."""
        request_id: str = getattr(request, "request_id").lower()  # noqa: B009  # mutating requests have it, Message not
        if not request_id:
            return await respond()
        payload_hash = hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()
        kept = await asyncio.to_thread(self._log.find, request_id)
        if kept is None:
            answer = Kept(method, payload_hash, (await respond()).SerializeToString(deterministic=True))
            kept = await asyncio.to_thread(self._log.keep, request_id, answer)
        if (kept.method, kept.payload_hash) != (method, payload_hash):
            raise RequestIdReused
        return answer_type.FromString(kept.answer)
