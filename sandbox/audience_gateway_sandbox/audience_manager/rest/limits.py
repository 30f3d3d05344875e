"""`/traits/limits`, `/segments/limits`, `/destinations/limits` (audience-manager 8); their shape is an assumption."""

from __future__ import annotations

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import DestinationType, TraitType
from audience_gateway_sandbox.audience_manager.rest.api import Api


class Limits:
    """Answers how many there may be, and are."""

    def __init__(self, api: Api) -> None:
        self._store, self._most = api.store, api.assumptions

    async def traits(self, _: web.Request) -> web.Response:
        """Tell it of traits and their folders."""
        traits, most = self._store.traits, self._most
        return web.json_response(
            {
                "traits": _limit(most.most_traits, traits.count()),
                "ruleBasedTraits": _limit(most.most_traits, traits.count(trait_type=TraitType.RULE_BASED)),
                "onboardedTraits": _limit(most.most_traits, traits.count(trait_type=TraitType.ON_BOARDED)),
                "algorithmicTraits": _limit(
                    most.most_algorithmic_traits, traits.count(trait_type=TraitType.ALGORITHMIC)
                ),
                "traitFolders": _limit(most.most_folders, self._store.trait_folders.count()),
                "traitFolderLevels": {"limit": most.folder_levels},
            }
        )

    async def segments(self, _: web.Request) -> web.Response:
        """Tell it of segments."""
        return web.json_response({"segments": _limit(self._most.most_segments, self._store.segments.count())})

    async def destinations(self, _: web.Request) -> web.Response:
        """Tell it of destinations."""
        between_servers = self._store.destinations.count(destination_type=DestinationType.SERVER_TO_SERVER)
        return web.json_response(
            {
                "destinations": _limit(self._most.most_destinations, self._store.destinations.count()),
                "s2sDestinations": _limit(self._most.most_s2s_destinations, between_servers),
            }
        )


def _limit(limit: int, count: int) -> dict[str, int]:
    return {"limit": limit, "count": count}
