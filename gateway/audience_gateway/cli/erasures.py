"""`identities erase` and `erasures`: removes ids wherever they were received, and shows how far that is."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from audience_gateway.cli.client import Client, gateway
from audience_gateway.cli.errors import print_note
from audience_gateway.cli.id_lines import in_calls
from audience_gateway.cli.json_output import print_array, print_object
from audience_gateway.cli.labels import count_label, enum_label, time_label
from audience_gateway.cli.names import resource_name, short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.receipt_files import write
from audience_gateway.cli.suppressions import DataSources, Ids, InClear, print_refused
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import erasure_pb2, identity_pb2, identity_service_pb2

app = typer.Typer()

_LARGEST_PAGE = 1000


@app.command("erase")
def erase(
    context: typer.Context,
    ids: Ids,
    data_source: DataSources,
    request_id: Annotated[
        str, typer.Option("--request-id", help="UUID by which a repeat of the command is known; for one call of ids.")
    ] = "",
    *,
    in_clear: InClear = False,
    as_json: AsJson = False,
) -> None:
    """Erase ids: no transfer adds them any more, and they are removed wherever they were received."""
    request = identity_service_pb2.EraseIdentitiesRequest(
        data_sources=[resource_name("dataSources", name) for name in data_source],
        in_clear=in_clear,
        request_id=request_id,
    )
    begun, refused = list[erasure_pb2.Erasure](), list[identity_pb2.RefusedIdentity]()
    with gateway(context) as client:
        for start, some in in_calls(ids):
            request.ids[:] = some
            answer = client.identities.EraseIdentities(request)
            begun += [answer.erasure] if answer.HasField("erasure") else []
            for one in answer.refused:
                one.index += start
                refused.append(one)
    if as_json:
        print_array(begun)
    for erasure in begun if not as_json else ():
        print_line(f"{short_name(erasure.name)}: {count_label(erasure.ids)} ids, {len(erasure.targets)} places.")
    if begun and not as_json:
        print_note("It goes on by itself: `identities erasures ID` shows how far it is.")
    print_refused(refused)


@app.command("erasures")
def show_erasures(
    context: typer.Context,
    erasure: Annotated[str, typer.Argument(help="The erasure's id; without one, all are listed.")] = "",
    receipts: Annotated[
        Path | None, typer.Option("--receipts", help="Directory that its receipts are written to, with signatures.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many, the newest; 0 means all.")] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """List erasures, or show one: each place, and how far it is there."""
    with gateway(context) as client:
        if not erasure:
            _list(client, limit, as_json=as_json)
            return
        request = identity_service_pb2.GetErasureRequest(name=resource_name("erasures", erasure))
        found = client.identities.GetErasure(request).erasure
    if receipts is not None:
        _write_receipts(found, receipts)
    if as_json:
        print_object(found)
    else:
        print_table(
            ("Place", "Data source", "State", "#Attempts", "Changed (UTC)", "Finding"), map(_row, found.targets)
        )


def _list(client: Client, limit: int, *, as_json: bool) -> None:
    request = identity_service_pb2.ListErasuresRequest(page_size=min(limit or _LARGEST_PAGE, _LARGEST_PAGE))
    answers = pages(client.identities.ListErasures, request)
    found = islice((one for answer in answers for one in answer.erasures), limit or None)
    if as_json:
        print_array(found)
        return
    print_table(("Erasure", "#Ids", "#Places", "#Ended", "Since (UTC)"), map(_summary, found))


def _write_receipts(erasure: erasure_pb2.Erasure, directory: Path) -> None:
    """Files as `receipts verify` reads them, numbered like the places."""
    directory.mkdir(parents=True, exist_ok=True)
    for number, target in enumerate(erasure.targets):
        if target.signature:
            path = directory / f"{short_name(erasure.name)}-{number:03d}.json"
            write(path, target.canonical_json.encode())
            write(path.with_name(path.name + ".sig"), target.signature)


def _summary(one: erasure_pb2.Erasure) -> tuple[str, ...]:
    ended = sum(target.state != erasure_pb2.ERASURE_STATE_PENDING for target in one.targets)
    places = str(len(one.targets))
    return (short_name(one.name), count_label(one.ids), places, str(ended), time_label(one.create_time))


def _row(target: erasure_pb2.ErasureTarget) -> tuple[str, ...]:
    finding = f"{target.failure.message}. {target.failure.remedy}" if target.failure.message else ""
    return (
        short_name(target.audience) or "the gateway's files",
        short_name(target.data_source),
        enum_label(erasure_pb2.ErasureState.DESCRIPTOR, target.state),
        count_label(target.attempts),
        time_label(target.update_time),
        finding,
    )
