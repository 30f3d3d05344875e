"""Where ids may be: every destination that has received any of them, or may have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from audience_gateway.erasures.model import Place
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.relations import Session, files
from audience_gateway.storage.schema import SNAPSHOTS, TRANSFERS
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers import records, snapshots
from audience_gateway.transfers.model import TransferMode, TransferState
from audience_gateway.transfers.received import COLUMNS, Received
from audience_gateway.transfers.snapshots import Snapshots

_UNDER_WAY = [state.value for state in TransferState if not state.ended]


@dataclass(frozen=True, slots=True)
class Places:
    """Finds them.

    Attributes:
        engine: the database.
        received: what destinations have received.
        snapshots: who is a member now.
        suppressions: holds the keys of erasures.
    """

    engine: sa.Engine
    received: Received
    snapshots: Snapshots
    suppressions: SuppressionList

    def of(self, session: Session, erasure: str, data_sources: Iterable[str]) -> list[Place]:
        """Those of the ids of an erasure, in an order that stays the same.

        A destination of records is one of them if it has received any id of a data source: its index may tell of other
        ids of its members. So is one to which a transfer is under way.
        """
        session.view("erased", f"SELECT key FROM ({self.suppressions.changes([f'{erasure}.parquet'])})")
        found = set(self._under_way()) | set(self._members(session))
        for receiver, path in self.received.receivers():
            place = Place(receiver.destination, receiver.data_source)
            if place not in found and (receiver.reconciles or _holds(session, files([path], COLUMNS))):
                found.add(place)
        chosen = [place for place in found if place.data_source in set(data_sources)]
        return sorted(chosen, key=lambda place: (str(place.destination), place.data_source))

    def _members(self, session: Session) -> Iterable[Place]:
        """Destinations whose snapshot has any of the keys, also from before it was noted what they receive."""
        for key, place in self._snapshots():
            members = snapshots.members(self.snapshots.current(key).path)
            if _holds(session, f"SELECT target_key AS key FROM ({members})"):
                yield place

    @retried
    def _snapshots(self) -> list[tuple[str, Place]]:
        query = sa.select(SNAPSHOTS.c.destination, TRANSFERS.c.request).join_from(
            SNAPSHOTS, TRANSFERS, SNAPSHOTS.c.transfer == TRANSFERS.c.id
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [(row.destination, place) for row in rows for place in _places(row.request)]

    @retried
    def _under_way(self) -> list[Place]:
        query = sa.select(TRANSFERS.c.request).where(TRANSFERS.c.state.in_(_UNDER_WAY), TRANSFERS.c.stage.is_not(None))
        with self.engine.connect() as connection:
            found = connection.execute(query).scalars().all()
        adding = [request for request in found if request.get("mode") != TransferMode.ERASE]
        return [place for request in adding for place in _places(request)]


def _places(record: records.Record) -> list[Place]:
    request = records.request(record)
    return [Place(request.destination, source) for source in request.data_sources]


def _holds(session: Session, pairs: str) -> bool:
    return bool(session.rows(f"SELECT 1 FROM ({pairs}) SEMI JOIN erased USING (key) LIMIT 1"))
