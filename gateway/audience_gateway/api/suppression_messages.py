"""Between the suppression list and messages of the API. No id and no key leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from audience_gateway.api import names
from audience_gateway.api.encode import time
from audience_gateway.identity.explanation import fingerprint_of
from audience_gateway.suppression.model import IdsOfPeople, RefusedId, Suppression, SuppressionKind
from audience_gateway.v1 import identity_pb2

_KINDS = {
    SuppressionKind.OPT_OUT: identity_pb2.SUPPRESSION_KIND_OPT_OUT,
    SuppressionKind.ERASED: identity_pb2.SUPPRESSION_KIND_ERASED,
}


class IdsRequest(Protocol):
    """A request with ids of people."""

    @property
    def ids(self) -> Sequence[str]:
        """The ids."""
        ...

    @property
    def data_sources(self) -> Sequence[str]:
        """Resource names of their data sources."""
        ...

    @property
    def in_clear(self) -> bool:
        """Whether they are in clear."""
        ...


def people(request: IdsRequest) -> IdsOfPeople:
    """The ids of a request."""
    return IdsOfPeople(
        ids=list(request.ids),
        data_sources=[names.last(source) for source in request.data_sources],
        encoded=not request.in_clear,
    )


def kind(value: identity_pb2.SuppressionKind.ValueType) -> SuppressionKind:
    """What is lifted; opt-outs if it is not said."""
    return SuppressionKind.ERASED if value == identity_pb2.SUPPRESSION_KIND_ERASED else SuppressionKind.OPT_OUT


def refused(ids: Iterable[RefusedId]) -> list[identity_pb2.RefusedIdentity]:
    """Ids that are none of a data source."""
    return [
        identity_pb2.RefusedIdentity(
            index=one.index,
            data_source=names.data_source(one.data_source),
            reason=one.reason.value,
            meaning=one.reason.meaning,
        )
        for one in ids
    ]


def suppression(value: Suppression) -> identity_pb2.Suppression:
    """An id in the list."""
    return identity_pb2.Suppression(
        id_fingerprint=fingerprint_of(value.key, "suppressions"),
        data_source=names.data_source(value.data_source),
        kind=_KINDS[value.kind],
        purposes=value.purposes,
        create_time=time(value.time),
        request=value.request,
    )
