"""How far members have got that were written: files taken in, and people counted (audience-manager 3.5, 3.6).

What went into a file is ingested when Audience Manager says so, in the onboarding status or by the name of the file.
Nothing says when it can be used, so that the population of the trait stands for it: it is counted once a day, and once
it has changed, or the documented time is over and it is not zero, members are visible.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway.sdk.arrivals import Arrival, ArrivalRequest, ArrivalStage
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.rest.arrival_settings import ArrivalSettings
from audience_gateway.sdk.audience_manager.rest.client import AudienceManagerRest
from audience_gateway.sdk.audience_manager.rest.delivered_files import delivered_files
from audience_gateway.sdk.audience_manager.rest.history import RECEIVED, STORED
from audience_gateway.sdk.audience_manager.rest.object_settings import PopulationSettings
from audience_gateway.sdk.audience_manager.rest.objects import Trait

INGESTED, VISIBLE = "ingested", "visible"

_POPULATION, _POPULATION_BEFORE = "population", "population_when_ingested"


@dataclass(frozen=True, slots=True)
class Arriving:
    """Asks how far a delivery has got.

    Attributes:
        rest: the interface; None where there are only files.
        trait_of: finds the trait that the members of an audience are given; None likewise: nobody counts it.
        settings: latest times.
        populations: names of metrics.
        folder: where files were left; None for nowhere.
        most_members: most members of a write that went into no file; 0 if all did.
    """

    rest: AudienceManagerRest | None
    trait_of: Callable[[str], Awaitable[Trait]] | None
    settings: ArrivalSettings
    populations: PopulationSettings
    folder: InboundFolder | None
    most_members: int

    def stages(self) -> Sequence[ArrivalStage]:
        """The stages of a delivery."""
        ingested = ArrivalStage(
            name=INGESTED,
            meaning="Audience Manager has read the files.",
            within=timedelta(hours=self.settings.ingested_hours),
        )
        visible = ArrivalStage(
            name=VISIBLE,
            meaning="Members are counted in the audience, and can be activated.",
            within=timedelta(hours=self.settings.visible_hours),
        )
        return [ingested] if self.trait_of is None else [ingested, visible]

    async def poll(self, request: ArrivalRequest, now: datetime) -> Sequence[Arrival]:
        """What is known now of the stages. Raises what a call raises."""
        files = await delivered_files(self.rest, self.folder, request, self.most_members, now)
        ingested = files.taken if files.awaited else request.delivered
        if files.failed or ingested is None:
            return [_not_ingested(files.counts, failed=files.failed)]
        if self.trait_of is None:
            return [Arrival(stage=INGESTED, reached=ingested, counts=files.counts)]
        trait = await self.trait_of(request.audience)
        population = trait.count(self.populations.trait)
        before = _known(request, INGESTED).get(_POPULATION_BEFORE, population)
        counts = files.counts if before is None else {**files.counts, _POPULATION_BEFORE: before}
        first = Arrival(stage=INGESTED, reached=ingested, counts=counts, message=_lost(counts))
        return [first, self._visible(first, population, now)]

    def _visible(self, ingested: Arrival, population: int | None, now: datetime) -> Arrival:
        if ingested.counts.get(RECEIVED) and ingested.counts.get(STORED) == 0:
            return Arrival(
                stage=VISIBLE,
                failed=True,
                message="Audience Manager has stored none of the records that it received.",
                remedy="Look at the counts of errors: ids of another kind or data source, or a trait of another one.",
            )
        if population is None or ingested.reached is None:
            return Arrival(stage=VISIBLE, message="The population of the trait is not told.")
        counts = {_POPULATION: population}
        if population != ingested.counts.get(_POPULATION_BEFORE):
            return Arrival(stage=VISIBLE, reached=now, counts=counts, message="The trait has been counted again.")
        if population and now >= ingested.reached + timedelta(hours=self.settings.visible_hours):
            message = "The trait has members, and the time is over after which these are among them."
            return Arrival(stage=VISIBLE, reached=now, counts=counts, message=message)
        return Arrival(stage=VISIBLE, counts=counts, message="The trait has not been counted again yet.")


def _not_ingested(counts: Mapping[str, int], *, failed: bool) -> Arrival:
    if not failed:
        return Arrival(stage=INGESTED, counts=counts)
    return Arrival(
        stage=INGESTED,
        failed=True,
        counts=counts,
        message="Audience Manager has not taken one of the files.",
        remedy="Look into its onboarding status report, and share again.",
    )


def _lost(counts: Mapping[str, int]) -> str:
    received, stored = counts.get(RECEIVED), counts.get(STORED)
    if received is None or stored is None or stored >= received:
        return ""
    return f"Audience Manager has stored {stored:,} of {received:,} records that it received."


def _known(request: ArrivalRequest, stage: str) -> Mapping[str, int]:
    return next((known.counts for known in request.known if known.stage == stage), {})
