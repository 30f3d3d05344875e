"""`schedules`: sharing audiences again and again."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.field_mask_pb2 import FieldMask

from audience_gateway.cli.client import gateway
from audience_gateway.cli.errors import CommandError
from audience_gateway.cli.guard_options import (
    GuardOptions,
    MatchPointsOption,
    MatchRowsOption,
    StaleHoursOption,
)
from audience_gateway.cli.json_output import print_array, print_object
from audience_gateway.cli.names import resource_name, short_name
from audience_gateway.cli.options import (
    AsJson,
    CreateOption,
    FurtherOption,
    ModeOption,
    PolicyOption,
    PriorityOption,
    PurposeOption,
)
from audience_gateway.cli.paging import pages
from audience_gateway.cli.schedule_options import CatchUpOption, Given, LimitOption, OverlapOption, TimeZoneOption
from audience_gateway.cli.schedule_table import print_runs, print_schedule, print_schedules
from audience_gateway.cli.tables import print_line
from audience_gateway.cli.tokens import caller_token, token_if_set
from audience_gateway.v1 import schedule_pb2, schedule_service_pb2

app = typer.Typer(help="Sharing audiences again and again.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The schedule's id, e.g. gold-nightly.", show_default=False)]


@app.command("create")
def create_schedule(
    context: typer.Context,
    schedule: Id,
    source: Annotated[str, typer.Argument(help="The audience to read, e.g. people/gold.")],
    destination: Annotated[str, typer.Argument(help="The audience to write, e.g. campaign/gold.")],
    *,
    data_source: Annotated[str, typer.Option("--data-source", help="The data source of the ids.")],
    then: FurtherOption = None,
    purpose: PurposeOption = None,
    cron: Annotated[str, typer.Option("--cron", help="When, e.g. '0 4 * * 1-5'; with six fields, seconds first.")],
    time_zone: TimeZoneOption = None,
    catch_up: CatchUpOption = None,
    overlap: OverlapOption = None,
    policy: PolicyOption = None,
    accept_removals: Annotated[
        bool, typer.Option("--accept-removals", help="Do not hold back for the number of members that leave.")
    ] = False,
    match_points: MatchPointsOption = None,
    match_rows: MatchRowsOption = None,
    stale_hours: StaleHoursOption = None,
    add_only: Annotated[
        bool, typer.Option("--add-only", help="Add members and remove nobody, also those that left the source.")
    ] = False,
    mode: ModeOption = None,
    priority: PriorityOption = None,
    within: LimitOption = None,
    create_unknown_records: CreateOption = False,
    as_json: AsJson = False,
) -> None:
    """Share an audience again and again."""
    given = Given(
        source=source,
        destination=destination,
        data_source=data_source,
        then=then,
        purposes=purpose,
        cron=cron,
        time_zone=time_zone,
        catch_up=catch_up,
        overlap=overlap,
        policy=policy,
        guard=GuardOptions(
            accept_removals=accept_removals, match_points=match_points, match_rows=match_rows, stale_hours=stale_hours
        ),
        mode=mode,
        add_only=add_only or None,
        priority=priority,
        within=within,
        create_unknown_records=create_unknown_records or None,
    )
    token = caller_token() if create_unknown_records else ()
    request = schedule_service_pb2.CreateScheduleRequest(
        schedule_id=short_name(resource_name("schedules", schedule)), schedule=given.schedule()
    )
    with gateway(context) as client:
        _show(client.schedules.CreateSchedule(request, metadata=token).schedule, as_json=as_json)


@app.command("list")
def list_schedules(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List schedules with their next run."""
    with gateway(context) as client:
        answers = pages(client.schedules.ListSchedules, schedule_service_pb2.ListSchedulesRequest())
        schedules = (schedule for answer in answers for schedule in answer.schedules)
        if as_json:
            print_array(schedules)
        else:
            print_schedules(schedules)


@app.command("get")
def get_schedule(context: typer.Context, schedule: Id, *, as_json: AsJson = False) -> None:
    """Show one schedule: what it does, its next runs and its last ones."""
    with gateway(context) as client:
        request = schedule_service_pb2.GetScheduleRequest(name=resource_name("schedules", schedule))
        _show(client.schedules.GetSchedule(request).schedule, as_json=as_json)


@app.command("update")
def update_schedule(
    context: typer.Context,
    schedule: Id,
    *,
    source: Annotated[str | None, typer.Option("--source", help="The audience to read.")] = None,
    destination: Annotated[str | None, typer.Option("--destination", help="The audience to write.")] = None,
    data_source: Annotated[str | None, typer.Option("--data-source", help="The data source of the ids.")] = None,
    then: FurtherOption = None,
    purpose: PurposeOption = None,
    cron: Annotated[str | None, typer.Option("--cron", help="When, e.g. '0 4 * * 1-5'.")] = None,
    time_zone: TimeZoneOption = None,
    catch_up: CatchUpOption = None,
    overlap: OverlapOption = None,
    policy: PolicyOption = None,
    accept_removals: Annotated[
        bool | None, typer.Option("--accept-removals/--hold-back", help="Whether any number of members may leave.")
    ] = None,
    match_points: MatchPointsOption = None,
    match_rows: MatchRowsOption = None,
    stale_hours: StaleHoursOption = None,
    add_only: Annotated[
        bool | None, typer.Option("--add-only/--replace", help="Whether nobody is removed who left the source.")
    ] = None,
    mode: ModeOption = None,
    priority: PriorityOption = None,
    within: LimitOption = None,
    create_unknown_records: Annotated[
        bool | None,
        typer.Option(
            "--create-unknown-records/--report-unknown-ids",
            help="Whether a record is created for each id that none has, or these are only reported.",
        ),
    ] = None,
    etag: Annotated[str, typer.Option("--etag", help="Change it only if it still has this etag.")] = "",
    as_json: AsJson = False,
) -> None:
    """Change what is given, and leave the rest; runs that have begun go on."""
    given = Given(
        source=source,
        destination=destination,
        data_source=data_source,
        then=then,
        purposes=purpose,
        cron=cron,
        time_zone=time_zone,
        catch_up=catch_up,
        overlap=overlap,
        policy=policy,
        guard=GuardOptions(
            accept_removals=accept_removals, match_points=match_points, match_rows=match_rows, stale_hours=stale_hours
        ),
        mode=mode,
        add_only=add_only,
        priority=priority,
        within=within,
        create_unknown_records=create_unknown_records,
    )
    if not given.paths():
        raise CommandError("there is nothing to change", "Say what, for example --cron '0 5 * * *'.")
    changed = given.schedule()
    changed.name = resource_name("schedules", schedule)
    changed.etag = etag
    request = schedule_service_pb2.UpdateScheduleRequest(schedule=changed, update_mask=FieldMask(paths=given.paths()))
    with gateway(context) as client:
        _show(client.schedules.UpdateSchedule(request, metadata=token_if_set()).schedule, as_json=as_json)


@app.command("pause")
def pause_schedule(context: typer.Context, schedule: Id, *, as_json: AsJson = False) -> None:
    """Let no further run begin until the schedule is resumed."""
    with gateway(context) as client:
        request = schedule_service_pb2.PauseScheduleRequest(name=resource_name("schedules", schedule))
        _show(client.schedules.PauseSchedule(request).schedule, as_json=as_json)


@app.command("resume")
def resume_schedule(context: typer.Context, schedule: Id, *, as_json: AsJson = False) -> None:
    """Let runs begin again, those that are due from now on."""
    with gateway(context) as client:
        request = schedule_service_pb2.ResumeScheduleRequest(name=resource_name("schedules", schedule))
        _show(client.schedules.ResumeSchedule(request).schedule, as_json=as_json)


@app.command("run")
def run_schedule(context: typer.Context, schedule: Id, *, as_json: AsJson = False) -> None:
    """Start a run now, also of a paused schedule, and say which transfer it is."""
    with gateway(context) as client:
        request = schedule_service_pb2.RunScheduleRequest(name=resource_name("schedules", schedule))
        run = client.schedules.RunSchedule(request).run
    if as_json:
        print_object(run)
    else:
        print_runs([run])


@app.command("delete")
def delete_schedule(context: typer.Context, schedule: Id, *, as_json: AsJson = False) -> None:
    """Delete a schedule; transfers that it started go on."""
    with gateway(context) as client:
        request = schedule_service_pb2.DeleteScheduleRequest(name=resource_name("schedules", schedule))
        answer = client.schedules.DeleteSchedule(request)
    if as_json:
        print_object(answer)
    else:
        print_line(f"{short_name(request.name)} is deleted.")


def _show(schedule: schedule_pb2.Schedule, *, as_json: bool) -> None:
    if as_json:
        print_object(schedule)
    else:
        print_schedule(schedule)
