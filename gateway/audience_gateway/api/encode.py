"""From values of the core to messages of the API."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from google.protobuf import struct_pb2
from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from audience_gateway.api import names
from audience_gateway.identity.service import Reconciliation
from audience_gateway.plugins.registry import LoadFailure, Registered
from audience_gateway.sdk import (
    Audience,
    ConnectorSpec,
    DataSource,
    Diagnostic,
    Reconciler,
    capabilities,
    find_recipe,
)
from audience_gateway.transfers.arrivals import StageArrival
from audience_gateway.transfers.holds import Hold
from audience_gateway.transfers.model import (
    GuardLimits,
    OutcomeCount,
    Receipt,
    RemovalCount,
    SourceCount,
    Transfer,
)
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.signing import VerifyingKey
from audience_gateway.v1 import audience_pb2, connector_pb2, identity_pb2, transfer_pb2


def audience(connection: str, value: Audience) -> audience_pb2.Audience:
    """An audience of a connection."""
    return audience_pb2.Audience(
        name=f"{names.connection(connection)}/audiences/{value.id}",
        title=value.title,
        description=value.description,
        size=value.size,
        update_time=time(value.updated),
        refresh_time=time(value.refreshed),
        readable=value.readable,
        writable=value.writable,
        origin=value.origin,
        inactive=not value.active,
        size_is_estimate=value.size_is_estimate,
    )


def transfer(value: Transfer) -> transfer_pb2.Transfer:
    """A transfer."""
    failure = value.failure
    request = value.request
    return transfer_pb2.Transfer(
        name=names.transfer(value.id),
        source=str(value.request.source),
        destination=str(value.request.destination),
        data_source=names.data_source(value.request.data_source),
        further_data_sources=map(names.data_source, request.further_data_sources),
        purposes=request.purposes,
        candidate_policy=policy(value.request.policy),
        state=transfer_pb2.TransferState.Value(f"TRANSFER_STATE_{value.state.name}"),
        stage=transfer_pb2.Stage.Value(f"STAGE_{value.stage.name}") if value.stage else transfer_pb2.STAGE_UNSPECIFIED,
        progress=[
            transfer_pb2.StageProgress(
                stage=transfer_pb2.Stage.Value(f"STAGE_{one.stage.name}"),
                rows_done=one.rows_done,
                rows_total=one.rows_total,
                rows_per_second=one.rows_per_second,
                estimated_end_time=time(one.estimated_end),
            )
            for one in value.progress
        ],
        failure=transfer_pb2.Failure(reason=failure.reason, message=failure.message, remedy=failure.remedy)
        if failure
        else None,
        create_time=time(value.created),
        update_time=time(value.updated),
        end_time=time(value.ended),
        outcomes=[outcome_count(count) for count in value.outcomes],
        mode=transfer_pb2.TransferMode.Value(f"TRANSFER_MODE_{request.mode.name}"),
        priority=transfer_pb2.Priority.Value(f"PRIORITY_{request.priority.name}"),
        deadline=time(request.deadline),
        schedule=names.schedule(request.schedule) if request.schedule else "",
        cancel_requested=value.cancel_requested,
        arrivals=[arrival(one) for one in value.arrivals],
        validate_only=request.dry_run,
        create_unknown_records=request.create_unknown_records,
        holds=[_hold(one) for one in value.holds],
    )


def guard(value: GuardLimits) -> transfer_pb2.Guard:
    """The limits of a guard."""
    message = transfer_pb2.Guard(
        removed_rows=value.removed_rows,
        removed_share=value.removed_share,
        match_points=value.match_points,
        match_rows=value.match_rows,
    )
    if value.stale_after is not None:
        message.stale_after.FromTimedelta(value.stale_after)
    return message


def _hold(value: Hold) -> transfer_pb2.Hold:
    release = value.release
    return transfer_pb2.Hold(
        findings=[
            transfer_pb2.GuardFinding(reason=finding.reason.value, message=finding.message)
            for finding in value.findings
        ],
        withhold_time=time(value.began),
        expire_time=time(value.expires),
        release_reason=release.reason if release else "",
        release_time=time(release.time) if release else None,
        superseded_by=names.transfer(value.superseded_by) if value.superseded_by else "",
    )


def arrival(value: StageArrival) -> transfer_pb2.Arrival:
    """How a delivery stands with one stage."""
    return transfer_pb2.Arrival(
        stage=value.stage,
        meaning=value.meaning,
        state=transfer_pb2.ArrivalState.Value(f"ARRIVAL_STATE_{value.state.name}"),
        reached_time=time(value.reached),
        due_time=time(value.due),
        counts=value.counts,
        message=value.message,
        remedy=value.remedy,
    )


def outcome_count(value: OutcomeCount) -> transfer_pb2.OutcomeCount:
    """Rows of one outcome."""
    return transfer_pb2.OutcomeCount(
        outcome=transfer_pb2.Outcome.Value(f"OUTCOME_{value.outcome.name}"),
        rows=value.rows,
        reasons={reason.value: rows for reason, rows in value.reasons.items()},
    )


def row_outcome(value: RowOutcome) -> transfer_pb2.RowOutcome:
    """The outcome of a row."""
    return transfer_pb2.RowOutcome(
        row=value.row,
        outcome=transfer_pb2.Outcome.Value(f"OUTCOME_{value.outcome.name}"),
        reason=value.reason.value,
        detail=value.detail,
        id_fingerprint=value.id_fingerprint,
        data_source=names.data_source(value.data_source) if value.data_source else "",
        id=value.id,
    )


def receipt(value: Receipt) -> transfer_pb2.Receipt:
    """A receipt."""
    return transfer_pb2.Receipt(
        transfer=names.transfer(value.transfer),
        rows_read=value.rows_read,
        outcomes=[outcome_count(count) for count in value.outcomes],
        removals=_removals(value.removals),
        canonical_json=value.canonical_json,
        source_complete=value.source_complete,
        validate_only=value.dry_run,
        signature=value.signature,
        key_id=value.key_id,
        data_source_counts=[_source_count(one) for one in value.by_source],
    )


def _source_count(value: SourceCount) -> transfer_pb2.DataSourceCount:
    return transfer_pb2.DataSourceCount(
        data_source=names.data_source(value.data_source),
        rows=value.rows,
        reasons={reason.value: rows for reason, rows in value.reasons.items()},
    )


def receipt_key(value: VerifyingKey) -> transfer_pb2.ReceiptKey:
    """The public half of a key that signs receipts."""
    return transfer_pb2.ReceiptKey(id=value.id, pem=value.pem)


def id_type(entry: Registered[Reconciler]) -> identity_pb2.IdType:
    """An id type, by its strategy."""
    return identity_pb2.IdType(
        name=names.id_type(entry.value.id_type),
        title=entry.value.title,
        description=entry.value.description,
        distribution=entry.origin.distribution,
        version=entry.origin.version,
    )


def data_source(value: DataSource) -> identity_pb2.DataSource:
    """A data source."""
    recipe = find_recipe(value.recipe)
    return identity_pb2.DataSource(
        name=names.data_source(value.name),
        title=value.title,
        id_type=names.id_type(value.id_type),
        targeting_dimension=value.targeting_dimension,
        reconciliation_key=value.reconciliation_key,
        aam_data_source_id=value.aam_data_source_id,
        aam_destination_id=value.aam_destination_id,
        codec=identity_pb2.Codec.Value(f"CODEC_{value.codec.name}"),
        recipe=recipe.label if recipe else value.recipe,
        candidate_policy=policy(value.policy),
    )


def reconciliation(index: int, value: Reconciliation) -> identity_pb2.Reconciliation:
    """What became of one id."""
    return identity_pb2.Reconciliation(
        index=index,
        targets=value.targets,
        reason=value.reason.value if value.reason else "",
        matches=[
            identity_pb2.Match(target=one.target, last_seen_time=time(one.last_seen), confidence=one.confidence)
            for one in value.matches
        ],
    )


def connector(entry: Registered[ConnectorSpec]) -> connector_pb2.Connector:
    """A connector that was loaded."""
    spec = entry.value
    return connector_pb2.Connector(
        name=names.connector(spec.name),
        summary=spec.summary,
        stability=connector_pb2.Stability.Value(f"STABILITY_{spec.stability.name}"),
        capabilities=[
            connector_pb2.Capability.Value(f"CAPABILITY_{capability.name}")
            for capability in sorted(capabilities(spec.connector))
        ],
        settings_schema=ParseDict(spec.settings.model_json_schema(), struct_pb2.Struct()),
        distribution=entry.origin.distribution,
        version=entry.origin.version,
    )


def failed_connector(failure: LoadFailure) -> connector_pb2.Connector:
    """A plugin that was not loaded."""
    return connector_pb2.Connector(
        name=names.connector(failure.origin.plugin),
        load_error=f"{failure.message} {failure.remedy}".strip(),
        distribution=failure.origin.distribution,
        version=failure.origin.version,
    )


def diagnostic(value: Diagnostic) -> connector_pb2.Diagnostic:
    """A finding."""
    return connector_pb2.Diagnostic(
        severity=connector_pb2.Severity.Value(f"SEVERITY_{value.severity.name}"),
        summary=value.summary,
        path=value.path,
        remedy=value.remedy,
    )


def _removals(value: RemovalCount) -> transfer_pb2.RemovalCount:
    return transfer_pb2.RemovalCount(
        leavers=value.leavers,
        removed=value.removed,
        refused=value.refused,
        withheld=value.withheld,
        not_supported=value.not_supported,
        in_doubt=value.in_doubt,
    )


def policy(value: StrEnum | None) -> identity_pb2.CandidatePolicy.ValueType:
    """A policy; unspecified for None."""
    name = f"CANDIDATE_POLICY_{value.name}" if value else "CANDIDATE_POLICY_UNSPECIFIED"
    return identity_pb2.CandidatePolicy.Value(name)


def time(value: datetime | None) -> Timestamp | None:
    """A time; None for None."""
    if value is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(value)
    return timestamp
