"""`connectors`: what the gateway can talk to."""

from __future__ import annotations

import typer

from audience_gateway.cli.client import gateway
from audience_gateway.cli.json_output import print_array
from audience_gateway.cli.labels import enum_label
from audience_gateway.cli.names import short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.tables import print_table
from audience_gateway.v1 import connector_pb2, connector_service_pb2

app = typer.Typer(help="What the gateway can talk to.", no_args_is_help=True)


@app.command("list")
def list_connectors(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the installed connectors, those that failed to load included."""
    with gateway(context) as client:
        answers = pages(client.connectors.ListConnectors, connector_service_pb2.ListConnectorsRequest())
        connectors = (connector for answer in answers for connector in answer.connectors)
        if as_json:
            print_array(connectors)
        else:
            print_table(("Connector", "Stability", "From", "Can"), map(_row, connectors))


def _row(connector: connector_pb2.Connector) -> tuple[str, ...]:
    capabilities = [
        enum_label(connector_pb2.Capability.DESCRIPTOR, capability).replace("_", " ")
        for capability in connector.capabilities
    ]
    return (
        short_name(connector.name),
        enum_label(connector_pb2.Stability.DESCRIPTOR, connector.stability),
        f"{connector.distribution} {connector.version}".strip(),
        f"not loaded: {connector.load_error}" if connector.load_error else ", ".join(capabilities),
    )
