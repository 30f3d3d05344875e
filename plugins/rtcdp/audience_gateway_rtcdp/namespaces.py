"""Which identity namespace the ids of a data source belong to (rtcdp 2)."""

from __future__ import annotations

from collections.abc import Mapping

from audience_gateway.sdk import ConfigError, DataSource

from audience_gateway_rtcdp.platform import Platform


def namespace_of(namespaces: Mapping[str, str], source: DataSource, place: str) -> str:
    """The namespace of a data source's ids, by its name or else by their type. Raises ConfigError if none is told."""
    code = namespaces.get(source.name) or namespaces.get(source.id_type)
    if not code:
        raise ConfigError(
            f"found no identity namespace for ids of `{source.name}`",
            place=f"{place}.namespaces",
            remedy=f'Add `{source.name} = "CODE"`, with the code that Identities show in Experience Platform.',
        )
    return code


async def require_namespace(platform: Platform, code: str, place: str) -> None:
    """Raises ConfigError for a namespace that is not there, and what a call raises.

    Namespaces are compared without letter case: services write them differently (rtcdp 2.1).
    """
    known = [str(each.get("code", "")) for each in await platform.namespaces()]
    if code.lower() not in {each.lower() for each in known}:
        raise ConfigError(
            f"Experience Platform has no identity namespace `{code}`",
            place=f"{place}.namespaces",
            remedy="Set the code that Identities show in Experience Platform, or create the namespace.",
        )
