"""How far an external audience's file has got: a run takes it in, then profiles have it (rtcdp 1.7)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway.sdk import Arrival, ArrivalRequest, ArrivalStage, Permanent
from audience_gateway.sdk.rest import Conflict, Refused

from audience_gateway_rtcdp.external_audiences import Run
from audience_gateway_rtcdp.generations import chosen_id, number_of
from audience_gateway_rtcdp.replacing import Replacing

INGESTED, IN_PROFILES, LEAVERS_GONE = "ingested", "in_profiles", "leavers_gone"
_STAGES = {INGESTED: "DATASET_INGEST", IN_PROFILES: "PROFILE_STORE_INGEST"}
_FAILED, _SUCCEEDED = "FAILED", "SUCCESS"


@dataclass(frozen=True, slots=True)
class Arriving:
    """Tells the stages of a file, and begins the run where another one was in the way.

    Attributes:
        replacing: where files are, and what they are for.
    """

    replacing: Replacing

    def stages(self) -> Sequence[ArrivalStage]:
        """The stages in their order."""
        settings = self.replacing.settings
        within = timedelta(hours=settings.ingestion_hours)
        named = [
            ArrivalStage(name=INGESTED, meaning="The platform has read the file.", within=within),
            ArrivalStage(name=IN_PROFILES, meaning="The platform's profiles are members.", within=within),
        ]
        if settings.files_replace:
            return named
        gone = timedelta(days=settings.ttl_days) + within
        meaning = "Who is not in the file has left, as the membership is over."
        return [*named, ArrivalStage(name=LEAVERS_GONE, meaning=meaning, within=gone)]

    async def poll(self, request: ArrivalRequest, now: datetime) -> Sequence[Arrival]:
        """What is known now. Raises Permanent where the audience is gone, and what a call raises."""
        found = await self.replacing.catalogue.find(request.audience)
        if found is None:
            raise Permanent("the audience was deleted", remedy="Share again: another one is made.")
        file = await self.replacing.bucket.head(self.replacing.key(request.audience, number_of(found)))
        if file is None:
            raise Permanent("the file is not in the bucket any more", remedy="Share again.")
        since = int(file.modified.timestamp())
        runs = [run for run in await self.replacing.external.runs(found.id) if run.since == since]
        if not runs:
            return [await self._begin(found.id, since)]
        run = next((each for each in runs if each.status != _FAILED), runs[0])
        note = ""
        if number_of(found) > 1:
            chosen = chosen_id(request.audience, number_of(found))
            note = f"The audience is `{chosen}` by now: activate it where an earlier one is."
        arrivals = [_arrival(run, name, now, note) for name in _STAGES]
        return [*arrivals, *self._leavers(request, arrivals, now)]

    async def _begin(self, audience: str, since: int) -> Arrival:
        """Begins the run that could not be begun when the file was left."""
        try:
            with suppress(Conflict):
                await self.replacing.external.start(audience, since)
        except Refused as error:
            remedy = error.remedy or "A sandbox takes 100 files a day: share again tomorrow."
            return Arrival(stage=INGESTED, failed=True, message=error.message, remedy=remedy)
        return Arrival(stage=INGESTED, message="An earlier file is being read.")

    def _leavers(self, request: ArrivalRequest, arrivals: Sequence[Arrival], now: datetime) -> Sequence[Arrival]:
        if self.replacing.settings.files_replace or not all(each.reached for each in arrivals):
            return []
        over = request.delivered + timedelta(days=self.replacing.settings.ttl_days)
        return [Arrival(stage=LEAVERS_GONE, due=over, reached=over if over <= now else None)]


def _arrival(run: Run, stage: str, now: datetime, note: str) -> Arrival:
    status = run.stages.get(_STAGES[stage], run.status)
    if _FAILED in {status, run.status}:
        return Arrival(
            stage=stage,
            failed=True,
            message="The platform could not take the file in.",
            remedy="Look at the run in Monitoring of Experience Platform: its path and its connection.",
        )
    reached = (run.ended or now) if status == _SUCCEEDED else None
    counts = {_snake(name): count for name, count in run.counts.items()}
    return Arrival(stage=stage, reached=reached, counts=counts, message=note)


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
