"""From messages of schedules to values of the core, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from audience_gateway.api import decode, encode, names, validation
from audience_gateway.api.refusals import InvalidRequest
from audience_gateway.schedules.model import CatchUp, Definition, Overlap, Overview, Run
from audience_gateway.transfers.model import ShareRequest, TransferMode
from audience_gateway.v1 import schedule_pb2, transfer_pb2

_CHANGEABLE = ("share", "cron", "time_zone", "catch_up", "overlap")


def definition(message: schedule_pb2.Schedule) -> Definition:
    """What a schedule does. Validation has let the message through."""
    catch_up = schedule_pb2.CatchUp.Name(message.catch_up or schedule_pb2.CATCH_UP_NONE)
    overlap = schedule_pb2.OverlapPolicy.Name(message.overlap or schedule_pb2.OVERLAP_POLICY_SKIP)
    share = message.share
    limit = share.time_limit.ToTimedelta() if share.HasField("time_limit") else None
    return Definition(
        share=_share_request(share),
        time_limit=limit,
        cron=message.cron,
        time_zone=message.time_zone or "UTC",
        catch_up=CatchUp[catch_up.removeprefix("CATCH_UP_")],
        overlap=Overlap[overlap.removeprefix("OVERLAP_POLICY_")],
    )


def changed(before: Definition, update: schedule_pb2.Schedule, mask: FieldMask) -> Definition:
    """What a schedule does after an update of the fields of a mask. Raises InvalidRequest."""
    merged = _definition_message(before)
    paths = _paths(mask.paths)
    FieldMask(paths=paths).MergeMessage(update, merged, replace_message_field=True, replace_repeated_field=True)
    validation.check(merged, "schedule")
    return definition(merged)


def schedule(value: Overview) -> schedule_pb2.Schedule:
    """A schedule with its next and last runs."""
    message = _definition_message(value.schedule.definition)
    message.name = names.schedule(value.schedule.name)
    message.paused = value.schedule.paused
    message.etag = value.schedule.etag
    message.next_run_times.extend(filter(None, map(encode.time, value.next_runs)))
    message.last_runs.extend(map(run, value.last_runs))
    return message


def run(value: Run) -> schedule_pb2.ScheduledRun:
    """A run."""
    failure = value.failure
    return schedule_pb2.ScheduledRun(
        due_time=encode.time(value.due),
        result=schedule_pb2.RunResult.Value(f"RUN_RESULT_{value.result.name}"),
        transfer=names.transfer(value.transfer) if value.transfer else "",
        failure=transfer_pb2.Failure(reason=failure.reason, message=failure.message, remedy=failure.remedy)
        if failure
        else None,
    )


def _paths(asked: Sequence[str]) -> list[str]:
    if not asked or list(asked) == ["*"]:
        return list(_CHANGEABLE)
    for path in asked:
        if path.split(".")[0] not in _CHANGEABLE or not FieldMask(paths=[path]).IsValidForDescriptor(
            schedule_pb2.Schedule.DESCRIPTOR
        ):
            raise InvalidRequest.of("update_mask", f"fields that can be changed: {', '.join(_CHANGEABLE)}, and theirs")
    return list(asked)


def _share_request(share: schedule_pb2.ScheduledShare) -> ShareRequest:
    return ShareRequest(
        source=names.audience_ref(share.source),
        destination=names.audience_ref(share.destination),
        data_source=names.last(share.data_source),
        further_data_sources=tuple(map(names.last, share.further_data_sources)),
        purposes=tuple(share.purposes),
        policy=decode.policy(share.candidate_policy),
        guard=decode.guard(share.guard) if share.HasField("guard") else None,
        mode=decode.mode(share.mode) or TransferMode.REPLACE,
        priority=decode.priority(share.priority),
        create_unknown_records=share.create_unknown_records,
    )


def _definition_message(value: Definition) -> schedule_pb2.Schedule:
    return schedule_pb2.Schedule(
        share=_share_message(value.share, value.time_limit),
        cron=value.cron,
        time_zone=value.time_zone,
        catch_up=schedule_pb2.CatchUp.Value(f"CATCH_UP_{value.catch_up.name}"),
        overlap=schedule_pb2.OverlapPolicy.Value(f"OVERLAP_POLICY_{value.overlap.name}"),
    )


def _share_message(share: ShareRequest, time_limit: timedelta | None) -> schedule_pb2.ScheduledShare:
    guard = share.guard
    message = schedule_pb2.ScheduledShare(
        source=str(share.source),
        destination=str(share.destination),
        data_source=names.data_source(share.data_source),
        further_data_sources=map(names.data_source, share.further_data_sources),
        purposes=share.purposes,
        candidate_policy=encode.policy(share.policy),
        guard=encode.guard(guard) if guard else None,
        mode=transfer_pb2.TransferMode.Value(f"TRANSFER_MODE_{share.mode.name}"),
        priority=transfer_pb2.Priority.Value(f"PRIORITY_{share.priority.name}"),
        create_unknown_records=share.create_unknown_records,
    )
    if time_limit:
        duration = Duration()
        duration.FromTimedelta(time_limit)
        message.time_limit.CopyFrom(duration)
    return message
