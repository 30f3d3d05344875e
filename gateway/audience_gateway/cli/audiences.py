"""`audiences`: what can be shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from audience_gateway.cli.client import Client, gateway
from audience_gateway.cli.errors import print_note
from audience_gateway.cli.json_output import print_array
from audience_gateway.cli.labels import count_label, time_label
from audience_gateway.cli.names import resource_name, short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.tables import print_table
from audience_gateway.v1 import audience_pb2, audience_service_pb2

app = typer.Typer(help="Audiences of the connected systems.", no_args_is_help=True)


@app.command("list")
def list_audiences(
    context: typer.Context,
    parent: Annotated[str, typer.Argument(help="The connection, e.g. campaign; - means all.")] = "-",
    *,
    as_json: AsJson = False,
) -> None:
    """List the audiences of one connection or of all."""
    with gateway(context) as client:
        audiences = _audiences(client, resource_name("connections", parent))
        if as_json:
            print_array(audiences)
        else:
            print_table(("Audience", "Title", "#Size", "Updated (UTC)", "Use"), map(_row, audiences))


def _audiences(client: Client, parent: str) -> Iterator[audience_pb2.Audience]:
    request = audience_service_pb2.ListAudiencesRequest(parent=parent)
    unreachable: set[str] = set()
    for answer in pages(client.audiences.ListAudiences, request):
        yield from answer.audiences
        unreachable.update(answer.unreachable)
    for name in sorted(unreachable):
        print_note(
            f"warning: {short_name(name)} could not be asked, its audiences are missing. "
            f"See `audience-gateway connections check {short_name(name)}`."
        )


def _row(audience: audience_pb2.Audience) -> tuple[str, ...]:
    uses = {"read": audience.readable, "write": audience.writable, "inactive": audience.inactive}
    about = "about " if audience.size_is_estimate else ""
    return (
        short_name(audience.name),
        audience.title,
        f"{about}{count_label(audience.size)}" if audience.HasField("size") else "",
        time_label(audience.update_time),
        ", ".join(use for use, possible in uses.items() if possible),
    )
