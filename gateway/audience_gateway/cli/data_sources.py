"""`data-sources`: how ids reconcile with records."""

from __future__ import annotations

import typer

from audience_gateway.cli.client import gateway
from audience_gateway.cli.json_output import print_array
from audience_gateway.cli.labels import enum_label
from audience_gateway.cli.names import short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.tables import print_table
from audience_gateway.v1 import identity_pb2, identity_service_pb2

app = typer.Typer(help="How ids reconcile with records.", no_args_is_help=True)


@app.command("list")
def list_data_sources(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the configured data sources."""
    with gateway(context) as client:
        answers = pages(client.identities.ListDataSources, identity_service_pb2.ListDataSourcesRequest())
        sources = (source for answer in answers for source in answer.data_sources)
        if as_json:
            print_array(sources)
        else:
            print_table(
                ("Data source", "Id type", "Reconciliation key", "Recipe", "Codec", "Policy"), map(_row, sources)
            )


def _row(source: identity_pb2.DataSource) -> tuple[str, ...]:
    return (
        short_name(source.name),
        short_name(source.id_type),
        source.reconciliation_key,
        source.recipe,
        enum_label(identity_pb2.Codec.DESCRIPTOR, source.codec),
        enum_label(identity_pb2.CandidatePolicy.DESCRIPTOR, source.candidate_policy),
    )
