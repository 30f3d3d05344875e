"""`members`: reads the members of an audience, and writes members into one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import grpc
import typer

from audience_gateway.api import members as messages_of_members
from audience_gateway.cli.client import Client, gateway
from audience_gateway.cli.errors import print_note
from audience_gateway.cli.id_files import Sink, in_chunks, read_members, writing_members
from audience_gateway.cli.member_stream import MemberStream
from audience_gateway.cli.names import audience_name, resource_name, short_name
from audience_gateway.cli.options import AsJson, PolicyOption, PurposeOption, mode_value, policy_value
from audience_gateway.cli.patience import Patience
from audience_gateway.cli.tables import print_line
from audience_gateway.cli.waiting import wait_for
from audience_gateway.sdk import MemberBatch
from audience_gateway.v1 import audience_service_pb2, members_pb2, transfer_pb2

app = typer.Typer(help="Members of audiences.", no_args_is_help=True)

_ANY_ROWS = 2**31 - 1
_ADD_ONLY = transfer_pb2.TRANSFER_MODE_ADD_ONLY
_DataSource = Annotated[str, typer.Option("--data-source", help="The data source of the ids.")]


@app.command("read")
def read(
    context: typer.Context,
    audience: Annotated[str, typer.Argument(help="The audience to read, e.g. people/gold.")],
    data_source: _DataSource,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="A file: ids as CSV, or all columns if its name ends on .arrow.")
    ] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="Add a column `change`, which says `add` or `remove`, to CSV.")
    ] = False,
) -> None:
    """Print the ids of an audience's members, or write them to a file."""
    request = audience_service_pb2.ReadMembersRequest(
        name=audience_name(audience),
        data_source=resource_name("dataSources", data_source),
        format=members_pb2.MEMBER_FORMAT_ARROW,
    )
    with gateway(context) as client, writing_members(out, changes=changes) as sink:
        _read(client, request, sink)


@app.command("write")
def write(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file with a header.")],
    audience: Annotated[str, typer.Argument(help="The audience to write, e.g. campaign/gold.")],
    data_source: _DataSource,
    *,
    column: Annotated[str, typer.Option("--column", help="The column of the ids.")] = "id",
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove members that are not in the file, instead of only adding.")
    ] = False,
    change_column: Annotated[
        str,
        typer.Option(
            "--change-column", help="A column that says `add` or `remove` in each row: the file's rows are changes."
        ),
    ] = "",
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the file's members, as far as transfers added them; add nobody.")
    ] = False,
    purpose: PurposeOption = None,
    policy: PolicyOption = None,
    request_id: Annotated[
        str, typer.Option("--request-id", help="A UUID; the same one again goes on with the same stream.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write the members of a file into an audience, remove them from it, or apply its changes; account for every row.

    Exits with 0 when the transfer succeeded, 3 when a guard held it back, 1 when it failed or was cancelled.
    """
    request_id = request_id or str(uuid.uuid4())
    opening = audience_service_pb2.OpenMemberStream(
        destination=audience_name(audience),
        data_source=resource_name("dataSources", data_source),
        request_id=request_id,
        purposes=purpose,
        candidate_policy=policy_value(policy),
        mode=mode_value(None, replace=replace, remove_only=remove, delta=bool(change_column)) or _ADD_ONLY,
    )
    with gateway(context) as client:
        stream = MemberStream(client, opening, partial(_chunks, file, column, change_column))
        try:
            transfer = stream.write()
        except (grpc.RpcError, KeyboardInterrupt):
            print_note(f"With --request-id {request_id} the same command goes on where it was.")
            raise
        if not as_json:
            print_line(f"transfer {short_name(transfer.name)}")
        wait_for(client, transfer, as_json=as_json)


def _chunks(file: Path, column: str, change_column: str, rows: int) -> Iterator[MemberBatch]:
    return in_chunks(read_members(file, column, change_column), rows)


def _read(client: Client, request: audience_service_pb2.ReadMembersRequest, sink: Sink) -> None:
    patience = Patience()
    while True:
        try:
            for response in client.audiences.ReadMembers(request):
                patience.heard()
                batch = messages_of_members.decode(response.members, "members", _ANY_ROWS)
                sink.write_batch(batch.columns)
                request.resume_token = response.resume_token
            return  # noqa: TRY300  # the stream has ended, and with it the members
        except grpc.RpcError as error:
            patience.wait(error)
