"""Reports how well the ids of an ended transfer matched, from its receipt and the rows that are kept of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.explaining import rule_of
from audience_gateway.identity.explanation import Rule
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.shared_ids import SharedIds, shared_ids
from audience_gateway.identity.trials import Trial, Trials
from audience_gateway.sdk import CandidatePolicy, Codec, ConfigError, Reason
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.chunk_files import encoded_ids
from audience_gateway.transfers.match_report import (
    MatchClass,
    MatchReport,
    TrialState,
    WouldMatchRows,
    match_counts,
    source_match,
)
from audience_gateway.transfers.model import Receipt, TransferMode
from audience_gateway.transfers.service import TransferService
from audience_gateway.transfers.workspace import Workspace

_NO_MATCH = ", ".join(f"'{r}'" for r in Reason if MatchClass.of(r) in {MatchClass.UNMATCHED, MatchClass.INVALID})
_TO_TRY = (
    f"FROM outcomes JOIN extracted USING (row) WHERE reason IN ({_NO_MATCH}) AND id IS NOT NULL AND defect IS NULL"
)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Ids of some of the rows that did not match, and how many there are in all."""

    ids: pa.StringArray
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
            report = replace(report, shared_ids=await self._shared_ids(report))
        reason = await self._not_to_try(report, receipt)
        return replace(report, trial=reason) if reason else await self._tried(report, found.request.mode)

    async def _shared_ids(self, report: MatchReport) -> SharedIds | None:
        try:
            source = self.connections.data_source(report.rule.data_source)
            version = await self.indexes.kept(report.connection, source)
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

    async def _tried(self, report: MatchReport, mode: TransferMode) -> MatchReport:
        sample = await asyncio.to_thread(self._sample, report.transfer)
        if not len(sample.ids):
            return replace(report, trial=TrialState.NOTHING_TO_TRY)
        source = self.connections.data_source(report.rule.data_source)
        encoded = await asyncio.to_thread(encoded_ids, self.workspace(report.transfer))
        as_it_is, *others = await Trials(self.connections, self.indexes, leaving=mode is TransferMode.REMOVE_ONLY).of(
            report.connection, source, sample.ids, report.policy, encoded=encoded
        )
        return replace(
            report,
            rows_to_try=sample.rows_to_try,
            rows_tried=len(sample.ids),
            rows_matching_now=as_it_is.found.num_rows,
            would_match=_would_match(as_it_is, others),
            index_read=as_it_is.read,
        )

    def _sample(self, transfer: str) -> _Sample:
        """The same rows each time, from all over the source."""
        workspace = self.workspace(transfer)
        with self.indexes.relations() as relations, relations.session() as session:
            session.view("outcomes", files([workspace.file("outcomes.parquet")], columns.OUTCOMES))
            session.view("extracted", files(workspace.chunks("extract"), columns.EXTRACTED))
            [(rows_to_try,)] = session.rows(f"SELECT count(*) {_TO_TRY}")
            ids = session.read(f"SELECT id {_TO_TRY} ORDER BY hash(row), row LIMIT {self.sample_rows}").column("id")
        return _Sample(pa.concat_arrays([pa.array([], pa.string()), *ids.chunks]), rows_to_try)


def _would_match(as_it_is: Trial, others: Sequence[Trial]) -> tuple[WouldMatchRows, ...]:
    now = as_it_is.found.column("row")
    tried = [
        WouldMatchRows(
            trial.variation.condition,
            trial.variation.remedy,
            rule_of(trial.variation.asked),
            trial.found.num_rows - (pc.sum(pc.is_in(trial.found.column("row"), value_set=now)).as_py() or 0),
        )
        for trial in others
    ]
    return tuple(sorted((one for one in tried if one.rows), key=lambda one: -one.rows))
