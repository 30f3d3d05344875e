"""`connections`: the configured instances of connectors, and whether they work."""

from __future__ import annotations

from typing import Annotated

import typer

from audience_gateway.cli.client import gateway
from audience_gateway.cli.errors import FAILED
from audience_gateway.cli.json_output import print_array
from audience_gateway.cli.labels import enum_label
from audience_gateway.cli.names import resource_name, short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import connector_pb2, connector_service_pb2

app = typer.Typer(help="The configured connections.", no_args_is_help=True)


@app.command("list")
def list_connections(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the configured connections."""
    with gateway(context) as client:
        answers = pages(client.connectors.ListConnections, connector_service_pb2.ListConnectionsRequest())
        connections = (connection for answer in answers for connection in answer.connections)
        if as_json:
            print_array(connections)
        else:
            rows = ((short_name(connection.name), short_name(connection.connector)) for connection in connections)
            print_table(("Connection", "Connector"), rows)


@app.command("check")
def check_connection(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The connection, e.g. campaign.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Try a connection; exit with 1 if it does not work."""
    request = connector_service_pb2.CheckConnectionRequest(name=resource_name("connections", name))
    with gateway(context) as client:
        diagnostics = client.connectors.CheckConnection(request).diagnostics
    if as_json:
        print_array(diagnostics)
    elif diagnostics:
        print_table(("Severity", "Where", "Finding", "Remedy"), map(_row, diagnostics))
    else:
        print_line(f"{short_name(request.name)} works.")
    if any(diagnostic.severity == connector_pb2.SEVERITY_ERROR for diagnostic in diagnostics):
        raise typer.Exit(FAILED)


def _row(diagnostic: connector_pb2.Diagnostic) -> tuple[str, ...]:
    severity = enum_label(connector_pb2.Severity.DESCRIPTOR, diagnostic.severity)
    return (severity, diagnostic.path, diagnostic.summary, diagnostic.remedy)
