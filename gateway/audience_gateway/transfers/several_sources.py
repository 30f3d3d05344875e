"""Several data sources for one transfer: what they have in common, and what both sides must be able to.

A row has an id of each, or of some. It goes by the first of them whose id the destination knows. No transfer does that
unless its request names them, in this order.
"""

from __future__ import annotations

from collections.abc import Sequence

from audience_gateway.sdk import (
    ConfigError,
    Connector,
    DataSource,
    DestinationChecker,
    IdentityIndex,
    MemberReader,
    SeveralIdsReader,
    SourceChecker,
)
from audience_gateway.transfers.model import AudienceRef, ShareRequest, StreamRef
from audience_gateway.transfers.task import Task

_ALIKE = {
    "targeting_dimension": "the ids have to stand for records of one kind",
    "expire_days": "sightings have to expire alike",
}


def check_alike(request: ShareRequest, sources: Sequence[DataSource]) -> None:
    """Raises ConfigError for data sources that cannot serve one transfer."""
    names = [source.name for source in sources]
    if len(set(names)) < len(names):
        raise ConfigError(
            "a data source is named twice", place=_place(request), remedy="Name each one once, in order of preference."
        )
    if len(names) > 1 and isinstance(request.source, StreamRef):
        raise ConfigError(
            "members that come in by a stream have one id each",
            place=_place(request),
            remedy="Name one data source, or share a file with a column for each by the connector `files`.",
        )
    for setting, why in _ALIKE.items():
        _require_alike(sources, setting, why)
    if request.purposes:
        _require_served(request.purposes, sources)
    else:
        _require_alike(sources, "purposes", "consent has to be asked for the same ones", "purposes in the request")
    if request.policy is None:
        _require_alike(sources, "policy", "an id of several records has to be treated alike", "policy in the request")


def _require_alike(sources: Sequence[DataSource], setting: str, why: str, instead: str = "") -> None:
    first, *others = sources
    for other in others:
        if getattr(other, setting) != getattr(first, setting):
            raise ConfigError(
                f"differs from that of `{first.name}`, and {why}",
                place=f"data_sources.{other.name}.{setting}",
                remedy=f"Set it alike, or name {'the ' + instead if instead else 'one data source'}.",
            )


def _require_served(purposes: Sequence[str], sources: Sequence[DataSource]) -> None:
    for source in sources:
        others = sorted(set(purposes) - set(source.purposes)) if source.purposes else []
        if others:
            raise ConfigError(
                f"does not name {', '.join(f'`{purpose}`' for purpose in others)}, which the request is for",
                place=f"data_sources.{source.name}.purposes",
                remedy=f"Share for {' or '.join(f'`{purpose}`' for purpose in source.purposes)}, or add it there.",
            )


async def check_source(task: Task, reader: Connector, source: AudienceRef) -> None:
    """Raises ConfigError or Permanent if members cannot, or may not, be read with the ids of all data sources."""
    if task.further:
        if not isinstance(reader, SeveralIdsReader) or not isinstance(reader, MemberReader):
            raise ConfigError(
                "its members are read with one id each",
                place=str(source),
                remedy="Name one data source; `connectors list` shows which connectors read several ids.",
            )
        await reader.check_several_ids(source.audience, [way.source for way in task.ways])
    if isinstance(reader, SourceChecker):
        for way in task.ways:
            await reader.check_source(source.audience, way.source, str(task.request.destination))


async def check_destination(task: Task, writer: Connector) -> bool:
    """Whether the destination reconciles. Raises ConfigError if it does not, and ids are of several data sources."""
    destination = task.request.destination
    if isinstance(writer, DestinationChecker):
        for way in task.ways:
            await writer.check_destination(destination.audience, way.source)
    reconciles = [isinstance(writer, IdentityIndex) and writer.reconciles(way.source) for way in task.ways]
    if task.further and not all(reconciles):
        raise ConfigError(
            "it takes ids as they are, and they have to be of one data source",
            place=str(destination),
            remedy="Name one data source.",
        )
    return reconciles[0]


def _place(request: ShareRequest) -> str:
    return ", ".join(f"dataSources/{name}" for name in request.data_sources)
