"""The last place of an erasure: the gateway's own files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from audience_gateway.erasures.erasure_ledger import pending
from audience_gateway.erasures.model import Erasure, Target, TargetState
from audience_gateway.erasures.own_files import Cleared, OwnFiles
from audience_gateway.erasures.pace import ErasurePace
from audience_gateway.erasures.read_rows import ReadRows
from audience_gateway.erasures.receipts import signed
from audience_gateway.identity.connections import Connections
from audience_gateway.storage.relations import QueryLimits, Relations
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import Failure, StreamRef, Transfer
from audience_gateway.transfers.received import Received
from audience_gateway.transfers.retention import ForgettableStreams
from audience_gateway.transfers.signing import SigningKey

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """Clears the gateway's own files, once no transfer needs what is in them.

    Attributes:
        state: directory of the gateway's state.
        ledger: the transfers.
        connections: the data sources of the ids.
        streams: what came in by streams.
        suppressions: holds the keys of erasures.
        received: what destinations have received.
        limits: what one query may use.
        key: signs receipts.
        pace: how often is looked.
    """

    state: Path
    ledger: Ledger
    connections: Connections
    streams: ForgettableStreams
    suppressions: SuppressionList
    received: Received
    limits: QueryLimits
    key: SigningKey
    pace: ErasurePace

    async def advance(self, erasure: Erasure, target: Target, now: datetime) -> Target:
        """The target as it is now. It waits for all other places, which need what is kept of members."""
        transfers = await asyncio.to_thread(self._transfers, erasure)
        waiting = self._waits_for(erasure, target, transfers)
        if waiting is not None:
            failed = Failure("TRANSIENT", waiting, "It goes on by itself.")
            again = self.pace.look_again(erasure.created, now)
            return replace(target, failure=failed, next_look=again, updated=now)
        tried = replace(target, attempts=target.attempts + 1, updated=now)
        try:
            ended = [transfer for transfer in transfers if transfer.state.ended]
            for transfer in ended:
                if isinstance(transfer.request.source, StreamRef):
                    await self.streams.forget(transfer.request.source.stream)
            cleared = await asyncio.to_thread(self._clear, erasure, ended)
        except Exception as error:  # noqa: BLE001  # whatever it was, it is tried again
            return replace(tried, failure=failure(error), next_look=now + self.pace.after(tried.attempts))
        done = replace(tried, state=TargetState.DONE, failure=None, next_look=None)
        receipt = signed(self.key, erasure, done, now, files=cleared.files, rows=cleared.rows)
        return replace(done, receipt=receipt)

    def _waits_for(self, erasure: Erasure, target: Target, transfers: Iterable[Transfer]) -> str | None:
        if pending(erasure.targets, but=target.number):
            return "other places are not done"
        for transfer in transfers:
            if not transfer.state.ended and transfer.created <= erasure.created:
                return f"transfers/{transfer.id} is under way"
        return None

    def _transfers(self, erasure: Erasure) -> Sequence[Transfer]:
        """The transfers whose rows are of one of the data sources, the newest first."""
        found: list[Transfer] = []
        after = ""
        while page := self.ledger.transfers(after=after, limit=_PAGE):
            sources = set(erasure.data_sources)
            found += [one for one in page if sources.intersection(one.request.data_sources) and self._has_rows(one)]
            after = page[-1].id
        return found

    def _has_rows(self, transfer: Transfer) -> bool:
        return not transfer.state.ended or (self.state / "transfers" / transfer.id).exists()

    def _clear(self, erasure: Erasure, ended: Iterable[Transfer]) -> Cleared:
        files = OwnFiles(self.state, self.received, self.suppressions)
        with Relations(self.state / "scratch", self.limits) as relations, relations.session() as session:
            files.name_erased(session, erasure.id)
            files.clear_indexes(session)
            files.clear_deltas(session, (transfer.id for transfer in ended))
            ReadRows(files, self.connections).clear(session, ended)
            files.clear_members(session)
        return files.cleared
