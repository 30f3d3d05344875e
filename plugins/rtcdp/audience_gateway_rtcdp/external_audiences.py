"""The service of external audiences, `/data/core/ais/external-audience`: audiences whose members come in files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import quote

from audience_gateway.sdk import Permanent, Transient

from audience_gateway_rtcdp.platform import Platform

_PATH = "/data/core/ais/external-audience"
_MOST_QUESTIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One ingestion of a file.

    Attributes:
        id: its id.
        status: `PROCESSING`, `SUCCESS`, `FAILED` or another word, in capitals.
        since: time of the file that it is for, in seconds: it reads what is not older.
        ended: when it last changed, in UTC; None if not told.
        stages: status by stage, e.g. `DATASET_INGEST`, both in capitals.
        counts: what was counted, by the platform's names; the documents name none.
    """

    id: str
    status: str
    since: int
    ended: datetime | None
    stages: Mapping[str, str]
    counts: Mapping[str, int]

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Self:
        """Reads what is shown."""
        details, counts = shown.get("details"), shown.get("recordCounts")
        stages = [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
        ended, since = shown.get("updatedAt"), shown.get("dataFilterStartTime")
        return cls(
            id=str(shown.get("runId", "")),
            status=str(shown.get("status", "")).upper(),
            since=since if isinstance(since, int) else 0,
            ended=datetime.fromtimestamp(ended, UTC) if isinstance(ended, int) else None,
            stages={str(each.get("stage", "")).upper(): str(each.get("status", "")).upper() for each in stages},
            counts={n: c for n, c in counts.items() if isinstance(c, int)} if isinstance(counts, dict) else {},
        )


@dataclass(frozen=True, slots=True)
class ExternalAudiences:
    """Creates external audiences, and has files ingested. Every method raises what a call raises.

    Attributes:
        platform: the sandbox.
        operation_seconds: how long making an audience may take.
        poll_seconds: pause between two questions whether it is made.
    """

    platform: Platform
    operation_seconds: float
    poll_seconds: float

    async def create(self, body: Mapping[str, Any]) -> str:
        """Makes an audience and waits until it is there. Answers the platform's id of it.

        Raises Transient if that takes too long, Permanent if it fails.
        """
        answer = self.platform.object((await self.platform.caller.call("POST", f"{_PATH}/", body=dict(body))).content)
        operation = str(answer.get("operationId", ""))
        try:
            async with asyncio.timeout(self.operation_seconds):
                return await self._made(operation)
        except TimeoutError:
            raise Transient(
                "the external audience is still being made",
                place=self.platform.place,
                remedy="Share again later.",
                sent=False,
            ) from None

    async def _made(self, operation: str) -> str:
        for _ in range(_MOST_QUESTIONS):
            path = f"{_PATH}/operations/{quote(operation, safe='')}"
            shown = self.platform.object((await self.platform.caller.call("GET", path)).content)
            status = str(shown.get("status", "")).upper()
            if status == "SUCCESS" and shown.get("audienceId"):
                return str(shown["audienceId"])
            if status == "FAILED":
                raise Permanent(
                    "Experience Platform failed to make the external audience",
                    place=self.platform.place,
                    remedy="Look at Audiences in Experience Platform; the name may be taken.",
                )
            await asyncio.sleep(self.poll_seconds)
        raise TimeoutError

    async def runs(self, audience: str) -> Sequence[Run]:
        """All ingestions into an audience so far."""
        shown = self.platform.object((await self.platform.caller.call("GET", self._runs(audience))).content)
        runs = shown.get("runs")
        return [Run.of(each) for each in runs if isinstance(each, dict)] if isinstance(runs, list) else []

    async def start(self, audience: str, since: int) -> Run:
        """Has the file ingested, from a time in seconds on. Raises Conflict while another run goes on."""
        body = {"dataFilterStartTime": since}
        return Run.of(
            self.platform.object((await self.platform.caller.call("POST", self._runs(audience), body=body)).content)
        )

    async def extend(self, audience: str) -> None:
        """Lets memberships last for another lifetime, and has the last good file ingested anew."""
        await self.platform.caller.call("POST", f"{_PATH}/extend-ttl/{quote(audience, safe='')}")

    async def delete(self, audience: str) -> None:
        """Deletes an audience."""
        await self.platform.caller.call("DELETE", f"{_PATH}/{quote(audience, safe='')}")

    def _runs(self, audience: str) -> str:
        return f"{_PATH}/{quote(audience, safe='')}/runs"
