"""Reports how well the ids of an ended transfer matched, from its receipt and the rows that are kept of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.explanation import Rule
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.shared_ids import SharedIds, shared_ids, together
from audience_gateway.identity.trials import Trials
from audience_gateway.sdk import CandidatePolicy, Codec, ConfigError, Reason
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.chunk_files import encoded_ids
from audience_gateway.transfers.match_report import (
    MatchClass,
    MatchReport,
    TrialState,
    match_counts,
    source_match,
)
from audience_gateway.transfers.model import Receipt, ShareRequest, TransferMode
from audience_gateway.transfers.service import TransferService
from audience_gateway.transfers.trying import Trying
from audience_gateway.transfers.workspace import Workspace

_NO_MATCH = ", ".join(f"'{r}'" for r in Reason if MatchClass.of(r) in {MatchClass.UNMATCHED, MatchClass.INVALID})
_TO_TRY = f"FROM outcomes JOIN extracted USING (row) WHERE reason IN ({_NO_MATCH}) AND defect IS NULL"

_NO_IDS = pa.array([], pa.string())


@dataclass(frozen=True, slots=True)
class _Sample:
    """Ids of some of the rows that did not match, a column for each data source, and how many rows there are in all."""

    ids: list[pa.StringArray]
    rows_to_try: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Reports on transfers.

    Attributes:
        transfers: the transfers.
        connections: the connections.
        indexes: the indexes that ids are tried on.
        workspace: where a transfer has its files.
        sample_rows: rows that are tried otherwise, at most.
    """

    transfers: TransferService
    connections: Connections
    indexes: KeptIndexes
    workspace: Callable[[str], Workspace]
    sample_rows: int

    async def report(self, transfer: str) -> MatchReport:
        """The report.

        Raises TransferNotFound, TransferNotEnded, Permanent if there is no receipt, ConfigError if what the transfer
        went by is not configured any more, and the errors of the connector.
        """
        receipt = await self.transfers.receipt(transfer)
        found = await self.transfers.get(transfer)
        document = json.loads(receipt.canonical_json)
        report = MatchReport(
            transfer=transfer,
            connection=found.request.destination.connection,
            rule=Rule(found.request.data_source, document["id_type"], document["recipe"], Codec(document["codec"])),
            policy=CandidatePolicy(document["candidate_policy"]),
            rows_read=receipt.rows_read,
            counts=match_counts(receipt.outcomes, looked_up=found.request.mode is not TransferMode.UNDO),
            trial=TrialState.TRIED,
            by_source=tuple(source_match(count) for count in receipt.by_source),
        )
        if found.request.mode is not TransferMode.UNDO:
            shared = [await self._shared_ids(report.connection, name) for name in found.request.data_sources]
            report = replace(report, shared_ids=together([one for one in shared if one]))
        reason = await self._not_to_try(report, receipt)
        return replace(report, trial=reason) if reason else await self._tried(report, found.request)

    async def _shared_ids(self, connection: str, data_source: str) -> SharedIds | None:
        try:
            version = await self.indexes.kept(connection, self.connections.data_source(data_source))
        except ConfigError:  # it is not configured any more, so that no index is its own
            return None
        return None if version is None else await asyncio.to_thread(self._count_shared, version)

    def _count_shared(self, version: IndexVersion) -> SharedIds:
        with self.indexes.relations() as relations, relations.session() as session:
            return shared_ids(session, version, self.indexes.people)

    async def _not_to_try(self, report: MatchReport, receipt: Receipt) -> TrialState | None:
        if not any(count.rows for count in report.counts if count.match in {MatchClass.UNMATCHED, MatchClass.INVALID}):
            return TrialState.NOTHING_TO_TRY
        if not self.sample_rows:
            return TrialState.TURNED_OFF
        if not await asyncio.to_thread(self._rows_are_kept, receipt):
            return TrialState.ROWS_NOT_KEPT
        source = self.connections.data_source(report.rule.data_source)
        return None if await self.indexes.reconciles(report.connection, source) else TrialState.NO_RECORDS

    def _rows_are_kept(self, receipt: Receipt) -> bool:
        workspace = self.workspace(receipt.transfer)
        return workspace.file("outcomes.parquet").exists() and bool(workspace.chunks("extract"))

    async def _tried(self, report: MatchReport, request: ShareRequest) -> MatchReport:
        sources = [self.connections.data_source(name) for name in request.data_sources]
        sample = await asyncio.to_thread(self._sample, report.transfer, len(sources))
        rows = len(sample.ids[0])
        if not rows:
            return replace(report, trial=TrialState.NOTHING_TO_TRY)
        trying = Trying(
            trials=Trials(self.connections, self.indexes, leaving=request.mode is TransferMode.REMOVE_ONLY),
            connection=report.connection,
            policy=report.policy,
            encoded=await asyncio.to_thread(encoded_ids, self.workspace(report.transfer)),
        )
        tried = await trying.of(sources, sample.ids)
        return replace(
            report,
            rows_to_try=sample.rows_to_try,
            rows_tried=rows,
            rows_matching_now=tried.matching_now,
            would_match=tried.would_match,
            index_read=tried.read,
        )

    def _sample(self, transfer: str, sources: int) -> _Sample:
        """The same rows each time, from all over the source."""
        workspace = self.workspace(transfer)
        names = ["id", *columns.further_id_names(sources - 1)]
        layout = {**columns.EXTRACTED, **columns.further_ids_of_rows(sources - 1)}
        to_try = f"{_TO_TRY} AND coalesce({', '.join(names)}) IS NOT NULL"
        with self.indexes.relations() as relations, relations.session() as session:
            session.view("outcomes", files([workspace.file("outcomes.parquet")], columns.OUTCOMES))
            session.view("extracted", files(workspace.chunks("extract"), layout))
            [(rows_to_try,)] = session.rows(f"SELECT count(*) {to_try}")
            limited = f"{to_try} ORDER BY hash(row), row LIMIT {self.sample_rows}"
            ids = session.read(f"SELECT {', '.join(names)} {limited}")
        return _Sample([pa.concat_arrays([_NO_IDS, *ids.column(name).chunks]) for name in names], rows_to_try)
