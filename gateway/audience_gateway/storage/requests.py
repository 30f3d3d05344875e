"""The answers of requests that carried an id, so that the same request again gets the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from audience_gateway.storage.clock import now
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import REQUESTS


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer to a request.

    Attributes:
        method: what was asked.
        payload_hash: SHA-256 of the request, in hex.
        answer: the answer as it was sent.
    """

    method: str
    payload_hash: str
    answer: bytes


class RequestLog:
    """Keeps answers by the id of their request. Every call is one transaction, and safe to repeat."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def find(self, request_id: str) -> Kept | None:
        """The first answer to the request of an id."""
        return self._find(request_id)

    @retried
    def keep(self, request_id: str, kept: Kept) -> Kept:
        """Keeps an answer, unless there is one, and answers the one that is kept."""
        values = {"method": kept.method, "payload_hash": kept.payload_hash, "answer": kept.answer}
        try:
            with self._engine.begin() as connection:
                connection.execute(REQUESTS.insert().values(request_id=request_id, created=now(), **values))
        except sa.exc.IntegrityError:
            return self._find(request_id) or kept
        return kept

    @retried
    def forget(self, before: datetime) -> int:
        """Drops the answers of before a time in UTC, and answers how many they were."""
        with self._engine.begin() as connection:
            return connection.execute(
                REQUESTS.delete().where(REQUESTS.c.created < before.replace(tzinfo=None))
            ).rowcount

    def _find(self, request_id: str) -> Kept | None:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(REQUESTS).where(REQUESTS.c.request_id == request_id)).one_or_none()
        return Kept(row.method, row.payload_hash, row.answer) if row else None
