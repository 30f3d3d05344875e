"""`identities`: tries out how ids reconcile, and explains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from audience_gateway.cli import erasures, suppressions
from audience_gateway.cli.client import Client, gateway
from audience_gateway.cli.id_lines import in_calls, lines_of_stdin
from audience_gateway.cli.json_output import print_array, print_object
from audience_gateway.cli.labels import time_label
from audience_gateway.cli.match_tables import print_explanation
from audience_gateway.cli.names import resource_name
from audience_gateway.cli.options import AsJson, PolicyOption, policy_value
from audience_gateway.cli.tables import print_table
from audience_gateway.v1 import identity_pb2, identity_service_pb2

app = typer.Typer(help="Ids and the records that they stand for.", no_args_is_help=True)
app.add_typer(suppressions.app)
app.add_typer(erasures.app)


@app.command("reconcile")
def reconcile(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(help="The ids; - reads them from stdin, one a line.")],
    connection: Annotated[str, typer.Option("--connection", help="The connection that holds the records.")],
    data_source: Annotated[str, typer.Option("--data-source", help="The data source of the ids.")],
    policy: PolicyOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find the records that ids stand for, and say why there is none; nothing is changed."""
    request = identity_service_pb2.ReconcileIdentitiesRequest(
        connection=resource_name("connections", connection),
        data_source=resource_name("dataSources", data_source),
        candidate_policy=policy_value(policy),
    )
    with gateway(context) as client:
        answers = _reconcile(client, request, ids)
        if as_json:
            print_array(answers)
        else:
            print_table(
                ("#Id", "Record", "Last seen (UTC)", "#Confidence", "Reason"),
                (row for answer in answers for row in _rows(answer)),
            )


@app.command("explain")
def explain(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The id; - reads it from stdin, its first line.")],
    connection: Annotated[str, typer.Option("--connection", help="The connection that holds the records.")],
    data_source: Annotated[str, typer.Option("--data-source", help="The data source of the id.")],
    policy: PolicyOption = None,
    *,
    in_clear: Annotated[
        bool, typer.Option("--in-clear", help="The id is in clear, as in most files; else it counts as encoded.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Explain why one id matches a record or none, and what it would match by; nothing is changed."""
    request = identity_service_pb2.ExplainIdentityRequest(
        connection=resource_name("connections", connection),
        data_source=resource_name("dataSources", data_source),
        id=lines_of_stdin()[0] if id_ == "-" else id_,
        candidate_policy=policy_value(policy),
        in_clear=in_clear,
    )
    with gateway(context) as client:
        explanation = client.identities.ExplainIdentity(request).explanation
    if as_json:
        print_object(explanation)
    else:
        print_explanation(explanation)


def _reconcile(
    client: Client, request: identity_service_pb2.ReconcileIdentitiesRequest, ids: Sequence[str]
) -> Iterator[identity_pb2.Reconciliation]:
    for start, some in in_calls(ids):
        request.ids[:] = some
        for answer in client.identities.ReconcileIdentities(request).reconciliations:
            answer.index += start
            yield answer


def _rows(answer: identity_pb2.Reconciliation) -> Iterator[tuple[str, ...]]:
    number = str(answer.index + 1)
    if not answer.matches:
        yield (number, "", "", "", answer.reason)
    for match in answer.matches:
        seen = time_label(match.last_seen_time) if match.HasField("last_seen_time") else ""
        yield (number, match.target, seen, f"{match.confidence:.2f}", "")
