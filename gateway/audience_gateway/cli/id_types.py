"""`id-types`: the kinds of ids that the gateway reconciles."""

from __future__ import annotations

import typer

from audience_gateway.cli.client import gateway
from audience_gateway.cli.json_output import print_array
from audience_gateway.cli.names import short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.tables import print_table
from audience_gateway.v1 import identity_pb2, identity_service_pb2

app = typer.Typer(help="The kinds of ids that the gateway reconciles.", no_args_is_help=True)


@app.command("list")
def list_id_types(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the id types of the installed reconciliation strategies."""
    with gateway(context) as client:
        answers = pages(client.identities.ListIdTypes, identity_service_pb2.ListIdTypesRequest())
        id_types = (id_type for answer in answers for id_type in answer.id_types)
        if as_json:
            print_array(id_types)
        else:
            print_table(("Id type", "Title", "From", "Description"), map(_row, id_types))


def _row(id_type: identity_pb2.IdType) -> tuple[str, ...]:
    origin = f"{id_type.distribution} {id_type.version}".strip()
    return (short_name(id_type.name), id_type.title, origin, id_type.description)
