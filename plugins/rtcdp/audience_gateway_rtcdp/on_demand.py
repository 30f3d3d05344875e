"""Exports on demand, `/data/core/activation/disflowprovider/adhocrun`: full, of activated audiences (rtcdp 6.9)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from audience_gateway.sdk import Permanent, Transient
from audience_gateway.sdk.rest import Refused

from audience_gateway_rtcdp.flow_service import FlowService
from audience_gateway_rtcdp.on_demand_settings import OnDemandSettings
from audience_gateway_rtcdp.platform import Object

MOST_AUDIENCES = 80
"""A job with more fails as a whole."""

_PATH = "/data/core/activation/disflowprovider/adhocrun"
_VERSION = "application/vnd.adobe.adhoc.activation+json; version=2"
_GOES_ON = "already going on"
_NOT_DUE = "out of schedule range"
_DONE = frozenset({"success", "completed"})
_FAILED = frozenset({"failed", "partial_failure", "partial_success"})


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Orders exports. Every method raises what a call raises.

    Attributes:
        flows: the flow service.
        flow: name of the flow that the audiences are activated to.
        settings: how long to wait.
    """

    flows: FlowService
    flow: str
    settings: OnDemandSettings

    async def export(self, audiences: Sequence[str]) -> int:
        """Has audiences exported, by the platform's ids, and waits for the files. Answers their rows.

        A job that is refused since an export of one of its audiences goes on is ordered again when that may be over.

        Raises Transient if it takes too long, Permanent if it fails or an audience may not be exported now.
        """
        flow = await self._flow()
        rows = 0
        try:
            async with asyncio.timeout(self.settings.wait_seconds):
                for chunk in _chunks(audiences):
                    for run in await self._ordered(flow, chunk):
                        rows += await self._rows_of(run)
        except TimeoutError as error:
            raise Transient(
                f"an export on demand took more than {self.settings.wait_seconds:g} seconds",
                place=self._place,
                remedy="Share again later, or allow it more with `on_demand.wait_seconds`.",
                sent=False,
            ) from error
        return rows

    async def _flow(self) -> str:
        found = await self.flows.find("flows", self.flow)
        if found is None:
            raise Permanent(
                "there is no such flow", place=self._place, remedy="Activate the audience by a flow of this name."
            )
        return str(found["id"])

    async def _ordered(self, flow: str, audiences: Sequence[str]) -> Sequence[str]:
        """The runs of a job."""
        caller, body = self.flows.platform.caller, {"activationInfo": {flow: list(audiences)}}
        for _ in self._questions():
            try:
                answer = await caller.call("POST", _PATH, body=body, accept=_VERSION)
            except Refused as refused:
                if refused.status != HTTPStatus.BAD_REQUEST or _GOES_ON not in refused.message:
                    raise self._not_now(refused) from refused
            else:
                return self._runs(self.flows.platform.object(answer.content))
            await asyncio.sleep(self.settings.poll_seconds)
        raise TimeoutError

    async def _rows_of(self, run: str) -> int:
        """Rows that a run has written, once it has ended."""
        for _ in self._questions():
            metrics = _part(await self.flows.get("runs", run), "metrics")
            status = str(_part(metrics, "statusSummary").get("status", "")).lower()
            if status in _FAILED:
                raise Permanent(
                    f"the export on demand ended as `{status}`",
                    place=self._place,
                    remedy="See the run in Experience Platform, and share again.",
                )
            if status in _DONE:
                rows = _part(metrics, "recordSummary").get("outputRecordCount")
                return rows if isinstance(rows, int) else 1  # not told: there may be some
            await asyncio.sleep(self.settings.poll_seconds)
        raise TimeoutError

    def _questions(self) -> Iterator[int]:
        return iter(range(int(self.settings.wait_seconds / self.settings.poll_seconds) + 1))

    def _runs(self, answer: Object) -> Sequence[str]:
        orders = answer.get("order")
        runs = [str(_part(each).get("statusURL", "")).rpartition("/")[2] for each in orders or ()]
        if not runs or not all(runs):
            raise Permanent("found an answer that tells no run", place=self._place)
        return runs

    def _not_now(self, refused: Refused) -> Permanent:
        if _NOT_DUE not in refused.message:
            return refused
        return Permanent(
            "an audience is not activated by the flow, has been for less than an hour, or its schedule is over",
            place=self._place,
            remedy="Activate it, and share again an hour later.",
        )

    @property
    def _place(self) -> str:
        return f"{self.flows.platform.place} {self.flow}"


def _chunks(audiences: Sequence[str]) -> Iterator[Sequence[str]]:
    return iter([audiences[first : first + MOST_AUDIENCES] for first in range(0, len(audiences), MOST_AUDIENCES)])


def _part(shown: object, name: str = "") -> Object:
    value = shown.get(name) if name and isinstance(shown, dict) else shown
    return value if isinstance(value, dict) else {}
