"""Streaming collection, `/collection/batch`: many records a call, answered one by one, in their order (rtcdp 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from audience_gateway.sdk import Permanent, Refusal, Transient
from audience_gateway.sdk.rest import Caller, Refused

from audience_gateway_rtcdp.messages import Message


@dataclass(frozen=True, slots=True)
class Collection:
    """Sends records to an inlet.

    Attributes:
        caller: of streaming collection.
        inlet: id of the inlet.
    """

    caller: Caller
    inlet: str

    async def send(self, messages: Sequence[Message]) -> Sequence[Refusal]:
        """Sends records in one call, or in several where the platform says that it is too large.

        What was received need not become part of a profile: that is told nowhere but in the platform's monitoring.

        Returns:
            Records that were refused, by their positions.

        Raises Transient where the answer does not tell of each record, or says of one that it may be sent again, and
        what a call raises. Sent again, records change nothing more.
        """
        try:
            answer = await self.caller.call(
                "POST", f"/collection/batch/{self.inlet}", body={"messages": list(messages)}
            )
        except Refused as error:
            if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                return await self._in_halves(messages)
            raise
        responses = answer.content.get("responses") if isinstance(answer.content, dict) else None
        if not isinstance(responses, list) or len(responses) != len(messages):
            raise Transient("found an answer that does not tell of each record", place=self.caller.place)
        found = (self._refusal(index, each) for index, each in enumerate(responses))
        return [refusal for refusal in found if refusal is not None]

    async def _in_halves(self, messages: Sequence[Message]) -> Sequence[Refusal]:
        if len(messages) == 1:
            return [Refusal(0, "DCS-413", "The record is larger than streaming collection takes.")]
        half = len(messages) // 2
        first = await self.send(messages[:half])
        second = await self.send(messages[half:])
        return [*first, *(Refusal(half + each.index, each.code, each.detail) for each in second)]

    def _refusal(self, index: int, response: object) -> Refusal | None:
        if not isinstance(response, dict):
            raise Permanent("found an answer that does not tell of a record", place=self.caller.place)
        status = response.get("statusCode")
        if status is None and response.get("xactionId"):
            return None
        if not isinstance(status, int) or status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500:  # noqa: PLR2004
            raise Transient("streaming collection did not take all records of a call", place=self.caller.place)
        return Refusal(index, f"DCS-{status}", "Streaming collection refused the record.")
