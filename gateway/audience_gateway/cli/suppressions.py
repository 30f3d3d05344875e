"""`identities suppress`, `unsuppress` and `suppressions`: which ids are not shared."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated

import typer

from audience_gateway.cli.client import gateway
from audience_gateway.cli.errors import print_note
from audience_gateway.cli.id_lines import in_calls
from audience_gateway.cli.json_output import print_array
from audience_gateway.cli.labels import count_label, enum_label, time_label
from audience_gateway.cli.names import resource_name, short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import identity_pb2, identity_service_pb2

app = typer.Typer()

_LARGEST_PAGE = 1000

Ids = Annotated[list[str], typer.Argument(help="The ids; - reads them from stdin, one a line.")]
DataSources = Annotated[
    list[str], typer.Option("--data-source", help="Data source of the ids; given again, they count in each of them.")
]
Purposes = Annotated[
    list[str] | None, typer.Option("--purpose", help="For this purpose only; given again, for each of them.")
]
InClear = Annotated[
    bool, typer.Option("--in-clear", help="The ids are in clear, as in most files; else they count as encoded.")
]


@app.command("suppress")
def suppress(
    context: typer.Context, ids: Ids, data_source: DataSources, purpose: Purposes = None, *, in_clear: InClear = False
) -> None:
    """Share ids with nobody any more: no transfer adds them, and the next ones remove them where they are members."""
    request = identity_service_pb2.SuppressIdentitiesRequest(
        data_sources=_names(data_source), purposes=purpose or [], in_clear=in_clear
    )
    entered, refused = 0, list[identity_pb2.RefusedIdentity]()
    with gateway(context) as client:
        for start, some in in_calls(ids):
            request.ids[:] = some
            answer = client.identities.SuppressIdentities(request)
            entered += answer.entered
            refused += _behind(start, answer.refused)
    print_line(f"{count_label(entered)} entered.")
    print_refused(refused)


@app.command("unsuppress")
def unsuppress(
    context: typer.Context,
    ids: Ids,
    data_source: DataSources,
    purpose: Purposes = None,
    *,
    erased: Annotated[bool, typer.Option("--erased", help="Lift erasures, not opt-outs.")] = False,
    in_clear: InClear = False,
) -> None:
    """Lift ids out of the suppression list, for some purposes or whatever they were entered for."""
    request = identity_service_pb2.UnsuppressIdentitiesRequest(
        data_sources=_names(data_source),
        purposes=purpose or [],
        kind=identity_pb2.SUPPRESSION_KIND_ERASED if erased else identity_pb2.SUPPRESSION_KIND_OPT_OUT,
        in_clear=in_clear,
    )
    lifted, refused = 0, list[identity_pb2.RefusedIdentity]()
    with gateway(context) as client:
        for start, some in in_calls(ids):
            request.ids[:] = some
            answer = client.identities.UnsuppressIdentities(request)
            lifted += answer.lifted
            refused += _behind(start, answer.refused)
    print_line(f"{count_label(lifted)} lifted.")
    print_refused(refused)


@app.command("suppressions")
def list_suppressions(
    context: typer.Context,
    data_source: Annotated[str, typer.Option("--data-source", help="Only ids of this data source.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0 means all.")] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """List the suppression list, by fingerprints of ids."""
    request = identity_service_pb2.ListSuppressionsRequest(
        data_source=resource_name("dataSources", data_source) if data_source else "",
        page_size=min(limit or _LARGEST_PAGE, _LARGEST_PAGE),
    )
    with gateway(context) as client:
        answers = pages(client.identities.ListSuppressions, request)
        found = islice((one for answer in answers for one in answer.suppressions), limit or None)
        if as_json:
            print_array(found)
        else:
            print_table(("Id", "Data source", "Kind", "Purposes", "Since (UTC)"), map(_row, found))


def print_refused(refused: Sequence[identity_pb2.RefusedIdentity]) -> None:
    """Prints, where there are any, the ids that are none."""
    if refused:
        rows = ((str(one.index + 1), short_name(one.data_source), one.reason, one.meaning) for one in refused)
        print_table(("#Id", "Data source", "Reason", "Meaning"), rows)
        print_note(f"{count_label(len(refused))} are no ids of their data source, and were passed over.")


def _names(data_sources: Sequence[str]) -> list[str]:
    return [resource_name("dataSources", name) for name in data_sources]


def _behind(start: int, refused: Sequence[identity_pb2.RefusedIdentity]) -> Sequence[identity_pb2.RefusedIdentity]:
    for one in refused:
        one.index += start
    return refused


def _row(one: identity_pb2.Suppression) -> tuple[str, ...]:
    return (
        one.id_fingerprint,
        short_name(one.data_source),
        enum_label(identity_pb2.SuppressionKind.DESCRIPTOR, one.kind),
        ", ".join(one.purposes) or "every",
        time_label(one.create_time),
    )
