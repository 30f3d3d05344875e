"""Ids in clear are for callers who have the right, and it is noted each time that one may see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import grpc
import grpc.aio
import pluggy
import pyarrow as pa
import pytest
import structlog
from audience_gateway.api.rights import Right, Rights
from audience_gateway.sdk import Event, EventKind, Outcome, Reason
from audience_gateway.server.core import Core
from audience_gateway.server.settings import CallerSettings
from audience_gateway.transfers.model import TransferState
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.service import REVEALED_ROWS
from audience_gateway.v1.transfer_service_pb2 import ExportOutcomesRequest, ListOutcomesRequest, ListOutcomesResponse
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from loopback import NOON, Transfers, core, refusal, serving, transfer

ID = "=1+1@example.org"
DENIED = (grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED")


@pytest.fixture
def observed() -> list[Event]:
    """What observers were told."""
    return []


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, observed: list[Event]) -> Core:
    """A core with a transfer of two rows, an auditor who may see ids, and a clerk who may not."""
    monkeypatch.setenv("AUDITOR", "of-the-auditor")
    monkeypatch.setenv("CLERK", "of-the-clerk")
    auditor = CallerSettings(token="env:AUDITOR", rights=("reveal_ids",)).named("auditor")  # a reference
    clerk = CallerSettings(token="env:CLERK").named("clerk")  # a reference
    made = core()
    assert isinstance(made.transfers, Transfers)
    made.transfers.kept = [transfer("t-1", state=TransferState.SUCCEEDED, ended=NOON)]
    made.transfers.rows = [
        RowOutcome(1, Outcome.DELIVERED, Reason.ADDED, "", "a1", id=ID),
        RowOutcome(2, Outcome.UNMATCHED, Reason.NO_ID),
    ]
    hooks = pluggy.PluginManager("observers")
    hooks.hook = SimpleNamespace(observe=lambda *, event: observed.append(event))
    registry = replace(made.registry, hooks=(hooks,))
    return replace(made, registry=registry, rights=Rights((clerk, auditor)))


@pytest.fixture
def log() -> Iterator[list[dict[str, object]]]:
    with structlog.testing.capture_logs() as entries:
        yield entries


async def listed(channel: grpc.aio.Channel, token: str = "", **changes: object) -> ListOutcomesResponse:
    request = ListOutcomesRequest(**{"parent": "transfers/t-1", **changes})
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    return await TransferServiceStub(channel).ListOutcomes(request, metadata=metadata, timeout=10)


async def test_who_has_the_right_sees_ids_and_that_is_noted_without_them(kept, observed, log):
    async with serving(kept) as (_, channel):
        found = await listed(channel, "of-the-auditor", reveal_ids=True, reason="added")

    assert [(row.row, row.id, row.id_fingerprint) for row in found.outcomes] == [(1, ID, "a1")]
    [event] = observed
    assert (event.kind, event.subject, event.caller) == (EventKind.IDS_REVEALED, "transfers/t-1", "auditor")
    [entry] = [one for one in log if one["event"] == "ids_revealed"]
    assert (entry["caller"], entry["transfer"], entry["reason"]) == ("auditor", "transfers/t-1", "added")
    assert "example.org" not in f"{log}{observed}"


async def test_a_row_without_an_id_has_none_to_be_seen(kept):
    async with serving(kept) as (_, channel):
        found = await listed(channel, "of-the-auditor", reveal_ids=True)

    assert [row.HasField("id") for row in found.outcomes] == [True, False]


async def test_ids_are_seen_only_by_those_who_ask_for_them(kept, observed):
    async with serving(kept) as (_, channel):
        found = await listed(channel, "of-the-auditor")

    assert not any(row.HasField("id") for row in found.outcomes)
    assert observed == []


@pytest.mark.parametrize("token", ["", "of-the-clerk", "of-nobody", "OF-THE-AUDITOR", "of-the-auditor2"])
async def test_who_does_not_have_the_right_is_refused_with_what_to_do(kept, observed, token):
    async with serving(kept) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await listed(channel, token, reveal_ids=True)
        assert [row.id_fingerprint for row in (await listed(channel, token)).outcomes] == ["a1", ""]

    *status, info = refusal(error.value)
    assert tuple(status) == DENIED
    assert f"`{Right.REVEAL_IDS}`" in error.value.details()
    assert "authorization" in info.metadata["remedy"]
    assert observed == []


async def test_an_empty_token_is_nobodys(kept, monkeypatch, tmp_path):
    (tmp_path / "token").write_text("")
    careless = CallerSettings(token=f"file:{tmp_path / 'token'}", rights=("reveal_ids",)).named("careless")
    async with serving(replace(kept, rights=Rights((careless,)))) as (_, channel):
        for token in ("", " "):
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await listed(channel, token, reveal_ids=True)
            assert refusal(error.value)[:2] == DENIED


async def test_an_export_has_ids_as_they_are_for_programs(kept, observed):
    request = ExportOutcomesRequest(parent="transfers/t-1", reveal_ids=True)
    async with serving(kept) as (_, channel):
        call = TransferServiceStub(channel).ExportOutcomes
        with pytest.raises(grpc.aio.AioRpcError) as error:
            [_ async for _ in call(request, timeout=10)]
        metadata = (("authorization", "bearer of-the-auditor"),)
        [response] = [one async for one in call(request, metadata=metadata, timeout=10)]

    assert refusal(error.value)[:2] == DENIED
    found = pa.ipc.open_stream(response.arrow).read_all()
    assert (found.schema, found.column("id").to_pylist()) == (REVEALED_ROWS, [ID, None])
    assert [event.kind for event in observed] == [EventKind.IDS_REVEALED]
