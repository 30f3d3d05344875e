"""The connector: audiences of the stub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from audience_gateway.sdk import (
    Context,
    Diagnostic,
    MemberBatch,
    MemberPage,
    Permanent,
    ReadRequest,
    Refusal,
    WritePromise,
    WriteRequest,
    WriteResult,
)

from gateway_stub_connector.calls import Stub
from gateway_stub_connector.settings import StubSettings


class StubConnector:
    """Reads, adds and removes members; an audience is there as soon as it is named."""

    def __init__(self, settings: StubSettings, context: Context) -> None:
        self._settings = settings
        self._stub = Stub(context.http, settings.url)

    async def open(self) -> None:
        """Nothing is needed."""

    async def check(self) -> Sequence[Diagnostic]:
        """Finds nothing."""
        return ()

    async def close(self) -> None:
        """Nothing is kept."""

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """The members page by page; the resume token is a position."""
        position, limit = int(request.after or 0), self._settings.page_rows
        while True:
            path = f"/audiences/{request.audience}/members"
            page = await self._stub.get(path, after=str(position), limit=str(limit))
            position += len(page["members"])
            if page["members"]:
                yield MemberPage(MemberBatch.of(page["members"]), str(position))
            if page["next"] is None:
                return

    def write_promise(self) -> WritePromise:
        """What the settings say."""
        return self._settings.promise

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Adds members."""
        return await self._change("add", request)

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Removes members."""
        return await self._change("remove", request)

    async def _change(self, change: str, request: WriteRequest) -> WriteResult:
        members = request.batch.targets.to_pylist()
        key = None if self._settings.promise is WritePromise.AT_LEAST_ONCE else request.key
        account = await self._stub.post(f"/audiences/{request.audience}/{change}", {"key": key, "members": members})
        return _result(account, members)


class FindingStubConnector(StubConnector):
    """Can say who is a member, too."""

    async def find_members(self, request: WriteRequest) -> Sequence[int]:
        """Asks for the members of the batch."""
        members = request.batch.targets.to_pylist()
        found = set((await self._stub.post(f"/audiences/{request.audience}/find", {"members": members}))["found"])
        return [index for index, member in enumerate(members) if member in found]


def _result(account: dict[str, Any], members: list[str]) -> WriteResult:
    """What an account says, by member: its order means nothing."""
    entries = account.get("entries")
    listed = account["refused"] if entries is None else [entry for entry in entries if entry["code"]]
    accepted = account["accepted"] if entries is None else len(entries) - len(listed)
    positions = {member: index for index, member in enumerate(members)}
    if any(entry["member"] not in positions for entry in listed):
        raise Permanent("the stub refused a member that it was not given", sent=True)
    refused = sorted((positions[entry["member"]], str(entry["code"])) for entry in listed)
    return WriteResult(accepted, tuple(Refusal(index, code) for index, code in refused))
