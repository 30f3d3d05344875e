"""From messages of the API to values of the core. Validation has let the messages through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from audience_gateway.api import names
from audience_gateway.api.refusals import FieldViolation, InvalidRequest
from audience_gateway.sdk import CandidatePolicy, Outcome, Reason
from audience_gateway.streams.model import stream_id
from audience_gateway.transfers.model import GuardLimits, Priority, ShareRequest, Source, StreamRef, TransferMode
from audience_gateway.v1 import audience_service_pb2, identity_pb2, transfer_pb2


def share_request(message: audience_service_pb2.ShareAudienceRequest) -> ShareRequest:
    """What is to be shared."""
    shared = _request(message, names.audience_ref(message.source), TransferMode.REPLACE)
    further = tuple(map(names.last, message.further_data_sources))
    return replace(
        shared,
        dry_run=message.validate_only,
        further_data_sources=further,
        create_unknown_records=message.create_unknown_records,
    )


def stream_request(message: audience_service_pb2.OpenMemberStream) -> ShareRequest:
    """What is to become of the members of a stream."""
    return _request(message, StreamRef(stream_id(message.request_id.lower())), TransferMode.ADD_ONLY)


def _request(
    message: audience_service_pb2.ShareAudienceRequest | audience_service_pb2.OpenMemberStream,
    source: Source,
    usual: TransferMode,
) -> ShareRequest:
    return ShareRequest(
        source=source,
        destination=names.audience_ref(message.destination),
        data_source=names.last(message.data_source),
        purposes=tuple(message.purposes),
        policy=policy(message.candidate_policy),
        guard=guard(message.guard) if message.HasField("guard") else None,
        mode=mode(message.mode) or usual,
        priority=priority(message.priority),
        deadline=message.deadline.ToDatetime(UTC) if message.HasField("deadline") else None,
        request_id=message.request_id.lower(),
    )


def guard(message: transfer_pb2.Guard) -> GuardLimits:
    """The limits of a guard."""
    return GuardLimits(
        removed_rows=message.removed_rows if message.HasField("removed_rows") else None,
        removed_share=message.removed_share if message.HasField("removed_share") else None,
        match_points=message.match_points if message.HasField("match_points") else None,
        match_rows=message.match_rows if message.HasField("match_rows") else None,
        stale_after=message.stale_after.ToTimedelta() if message.HasField("stale_after") else None,
    )


def mode(value: transfer_pb2.TransferMode.ValueType) -> TransferMode | None:
    """A mode; None if it is unspecified."""
    if value == transfer_pb2.TRANSFER_MODE_UNSPECIFIED:
        return None
    return TransferMode[transfer_pb2.TransferMode.Name(value).removeprefix("TRANSFER_MODE_")]


def priority(value: transfer_pb2.Priority.ValueType) -> Priority:
    """A priority; unspecified is normal."""
    if value == transfer_pb2.PRIORITY_UNSPECIFIED:
        return Priority.NORMAL
    return Priority[transfer_pb2.Priority.Name(value).removeprefix("PRIORITY_")]


def policy(value: identity_pb2.CandidatePolicy.ValueType) -> CandidatePolicy | None:
    """A policy; None if it is unspecified."""
    if value == identity_pb2.CANDIDATE_POLICY_UNSPECIFIED:
        return None
    return CandidatePolicy[identity_pb2.CandidatePolicy.Name(value).removeprefix("CANDIDATE_POLICY_")]


def outcome(value: transfer_pb2.Outcome.ValueType) -> Outcome | None:
    """An outcome; None if it is unspecified."""
    if value == transfer_pb2.OUTCOME_UNSPECIFIED:
        return None
    return Outcome[transfer_pb2.Outcome.Name(value).removeprefix("OUTCOME_")]


def reason(value: str) -> Reason | None:
    """A reason; None if it is empty. Raises InvalidRequest if it is not in the closed list."""
    if not value:
        return None
    try:
        return Reason(value)
    except ValueError:
        allowed = ", ".join(Reason)
        raise InvalidRequest((FieldViolation("reason", f"allowed: {allowed}"),)) from None
