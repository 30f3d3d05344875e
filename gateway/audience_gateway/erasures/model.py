"""The values of an erasure. No id and no key is among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from audience_gateway.suppression.model import RefusedId
from audience_gateway.transfers.model import AudienceRef, Failure
from audience_gateway.transfers.receipt import SignedText


class TargetState(StrEnum):
    """How far an erasure is in one place.

    Attributes:
        PENDING: it is tried, again and again.
        DONE: nobody of it is there any more.
        NOT_SUPPORTED: the connector cannot remove members.
        FAILED: it was tried long enough.
    """

    PENDING = "pending"
    DONE = "done"
    NOT_SUPPORTED = "not_supported"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where ids are erased.

    Attributes:
        destination: the audience; None for the gateway's own files.
        data_source: name of the data source of the ids; empty for these.
    """

    destination: AudienceRef | None
    data_source: str = ""


OWN_FILES = Place(None)
"""The gateway's own files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An erasure in one place.

    Attributes:
        erasure: id of the erasure.
        number: its number within it; 0 for the gateway's own files.
        place: where.
        state: how far it is.
        attempts: how often it was tried.
        looks: how often somebody has looked after it; who comes second with the same number changes nothing.
        transfer: the transfer that tries, or tried last; empty where there was none.
        failure: why the last attempt failed.
        next_look: when it is looked after next; None if never more.
        updated: when it last changed.
        receipt: the signed account, once it has ended.
    """

    erasure: str
    number: int
    place: Place
    state: TargetState = TargetState.PENDING
    attempts: int = 0
    looks: int = 0
    transfer: str = ""
    failure: Failure | None = None
    next_look: datetime | None
    updated: datetime
    receipt: SignedText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Ids that are erased.

    Attributes:
        id: its id.
        keys: how many ids, counted in each of their data sources.
        data_sources: these.
        targets: all places.
        created: when it was asked for.
    """

    id: str
    keys: int
    data_sources: tuple[str, ...]
    targets: tuple[Target, ...]
    created: datetime

    @property
    def ended(self) -> bool:
        """Whether no place is tried any more."""
        return all(target.state is not TargetState.PENDING for target in self.targets)


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of ids that were to be erased.

    Attributes:
        erasure: the erasure; None if none of the ids is one.
        refused: ids that are none of a data source.
    """

    erasure: Erasure | None
    refused: tuple[RefusedId, ...]


class ErasureNotFound(LookupError):
    """There is no erasure of that id."""
