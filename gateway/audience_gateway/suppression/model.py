"""The values of the suppression list. No id is among them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pyarrow as pa

from audience_gateway.sdk import Reason


class SuppressionKind(StrEnum):
    """Why an id is not shared.

    Attributes:
        OPT_OUT: the person does not want to be shared, for every purpose or for some.
        ERASED: the person was erased.
    """

    OPT_OUT = "opt_out"
    ERASED = "erased"


EVERY_PURPOSE = ""
"""Stands where the name of a purpose would, for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Ids that are entered in the list, or lifted out of it.

    Attributes:
        request: id of the request that asks for it; names its file, so that a repeat changes nothing.
        kind: why they are not shared.
        purposes: for which purposes; EVERY_PURPOSE for all.
        held: whether they are entered; otherwise they are lifted.
        time: when, in UTC.
    """

    request: str
    kind: SuppressionKind
    purposes: tuple[str, ...]
    held: bool
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An id in the list.

    Attributes:
        key: its key, which only the gateway sees.
        data_source: name of its data source.
        kind: why it is not shared.
        purposes: for which purposes; empty for all.
        time: when it was entered.
        request: id of the request that entered it.
    """

    key: str
    data_source: str
    kind: SuppressionKind
    purposes: tuple[str, ...]
    time: datetime
    request: str


@dataclass(frozen=True, slots=True)
class RefusedId:
    """An id that cannot be suppressed, because it is no id of its data source.

    Attributes:
        index: its position in the request, from 0.
        data_source: the data source.
        reason: why.
    """

    index: int
    data_source: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsOfPeople:
    """Ids of people, which may go by several data sources.

    Attributes:
        ids: the ids.
        data_sources: names of the data sources in each of which they count.
        encoded: whether they already went through the codec, as other systems write them.
    """

    ids: Sequence[str]
    data_sources: Sequence[str]
    encoded: bool = True


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of ids.

    Attributes:
        table: columns key (16 bytes) and data_source, each pair once.
        refused: the ids that have none.
    """

    table: pa.Table
    refused: tuple[RefusedId, ...] = ()


def request_of(request_id: str) -> str:
    """Id of the request of a client's id; a new one if it has none."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, request_id) if request_id else uuid.uuid4())
