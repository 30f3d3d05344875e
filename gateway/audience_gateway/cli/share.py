"""`share`: starts a transfer, shows it running, and accounts for every row."""

from __future__ import annotations

from typing import Annotated

import typer

from audience_gateway.cli.client import gateway
from audience_gateway.cli.guard_options import (
    GuardOptions,
    MatchPointsOption,
    MatchRowsOption,
    StaleHoursOption,
)
from audience_gateway.cli.json_output import print_object
from audience_gateway.cli.names import audience_name, resource_name, short_name
from audience_gateway.cli.options import (
    AsJson,
    CreateOption,
    FurtherOption,
    ModeOption,
    PolicyOption,
    PriorityOption,
    PurposeOption,
    WithinOption,
    deadline,
    further_names,
    mode_value,
    policy_value,
    priority_value,
)
from audience_gateway.cli.tables import print_line
from audience_gateway.cli.tokens import caller_token
from audience_gateway.cli.waiting import wait_for
from audience_gateway.v1 import audience_service_pb2

app = typer.Typer()


@app.command("share")
def share(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The audience to read, e.g. people/gold.")],
    destination: Annotated[str, typer.Argument(help="The audience to write, e.g. campaign/gold.")],
    data_source: Annotated[str, typer.Option("--data-source", help="The data source of the ids.")],
    *,
    then: FurtherOption = None,
    purpose: PurposeOption = None,
    policy: PolicyOption = None,
    request_id: Annotated[
        str, typer.Option("--request-id", help="A UUID; the same one again answers the same transfer.")
    ] = "",
    accept_removals: Annotated[
        bool, typer.Option("--accept-removals", help="Do not hold back for the number of members that leave.")
    ] = False,
    match_points: MatchPointsOption = None,
    match_rows: MatchRowsOption = None,
    stale_hours: StaleHoursOption = None,
    add_only: Annotated[
        bool, typer.Option("--add-only", help="Add members and remove nobody, also those that left the source.")
    ] = False,
    remove_only: Annotated[
        bool,
        typer.Option("--remove-only", help="Remove the source's members, as far as shares added them; add nobody."),
    ] = False,
    mode: ModeOption = None,
    priority: PriorityOption = None,
    within: WithinOption = 0,
    create_unknown_records: CreateOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; only tell what would become of every row.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end and show the receipt.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make one audience hold what another holds, only add or remove what it holds, or apply its changes.

    Exits with 0 when the transfer succeeded, 3 when a guard holds it back, 1 when it failed or was cancelled.
    """
    limits = GuardOptions(
        accept_removals=accept_removals, match_points=match_points, match_rows=match_rows, stale_hours=stale_hours
    )
    request = audience_service_pb2.ShareAudienceRequest(
        source=audience_name(source),
        destination=audience_name(destination),
        data_source=resource_name("dataSources", data_source),
        further_data_sources=further_names(then),
        purposes=purpose,
        candidate_policy=policy_value(policy),
        request_id=request_id,
        guard=limits.message(),
        mode=mode_value(mode, add_only=add_only, remove_only=remove_only),
        priority=priority_value(priority),
        deadline=deadline(within),
        validate_only=dry_run,
        create_unknown_records=create_unknown_records,
    )
    token = caller_token() if create_unknown_records else ()
    with gateway(context) as client:
        transfer = client.audiences.ShareAudience(request, metadata=token).transfer
        if not as_json:
            print_line(f"transfer {short_name(transfer.name)}")
        if wait:
            wait_for(client, transfer, as_json=as_json)
        elif as_json:
            print_object({"transfer": transfer})
