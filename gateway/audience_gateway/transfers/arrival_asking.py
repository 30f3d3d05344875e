"""Asks a connector once how far a delivery has got, whatever comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from audience_gateway.identity.connections import Connections
from audience_gateway.sdk import Arrival, ArrivalPoller, ArrivalRequest, ConfigError, Permanent, RateLimited, Transient
from audience_gateway.transfers.arrival_ledger import Look
from audience_gateway.transfers.arriving import UnusableAnswer, failing, merged
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.model import Failure
from audience_gateway.transfers.turns import Turns


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking.

    Attributes:
        known: what is known of the stages now.
        finding: why nothing could be found out; None if something could.
        wait: how long not to ask again, as the system said.
    """

    known: Sequence[Arrival]
    finding: Failure | None = None
    wait: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks connectors.

    Attributes:
        connections: the connections that deliveries went to.
        turns: whose turn it is to call a connection.
        patience: how long a connector may take to answer.
    """

    connections: Connections
    turns: Turns
    patience: timedelta

    async def ask(self, look: Look) -> Answer:
        """Asks; an error is an answer, too."""
        known = look.arriving.known
        limit = asyncio.timeout(self.patience.total_seconds())
        try:
            async with limit:
                return await self._poll(look)
        except RateLimited as error:
            return Answer(known, failure(error), timedelta(seconds=error.retry_after or 0))
        except UnusableAnswer as error:
            told = f"connections/{look.arriving.connection}: {error}"
            return Answer(known, Failure("PERMANENT", told, "Report this to the author of the plugin."))
        except Exception as error:  # noqa: BLE001  # every error is told, and the delivery asked about again
            return Answer(known, failure(self._silence(look) if limit.expired() else error))

    async def _poll(self, look: Look) -> Answer:
        arriving = look.arriving
        request = ArrivalRequest(
            audience=look.request.destination.audience,
            source=self.connections.data_source(look.request.data_source),
            writes=look.writes,
            delivered=arriving.delivered,
            known=arriving.known,
        )
        async with self.connections.open(arriving.connection) as connector:
            if not isinstance(connector, ArrivalPoller):
                raise ConfigError(
                    "the connector cannot say how deliveries arrive",
                    place=f"connections.{arriving.connection}.connector",
                    remedy="Let the connection have the connector that it had when the transfer ran.",
                )
            async with self.turns.turn(arriving.connection):
                try:
                    answers = await connector.poll_arrivals(request)
                except Permanent as error:  # of the delivery; one of opening the connection says nothing about it
                    return Answer(failing(arriving, failure(error)))
        return Answer(merged(arriving, answers))

    def _silence(self, look: Look) -> Transient:
        return Transient(
            f"the connector did not answer within {self.patience.total_seconds():g} seconds",
            place=f"connections/{look.arriving.connection}",
            remedy="See that the system is up; a slow one needs more `arrivals.answer_seconds`.",
        )
