"""What goes wrong ends in a typed failure or is tried again; nothing is claimed that did not happen."""

from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk import AuthError, ConfigError, DataSource, Normalised, Permanent, Reason, Transient
from audience_gateway.transfers.model import AudienceRef, TransferState
from audience_gateway.transfers.service import RequestIdReused, TransferNotFound
from systems import Ids, Plain, Records, Row, Systems
from test_account import reasons

from conftest import request

REQUEST_ID = "11111111-2222-4333-8444-555555555555"


class Failing:
    """Raises errors on the calls of the given numbers."""

    def __init__(self, call: str, *numbers: int, error: Exception) -> None:
        self._call, self._numbers, self._error, self._count = call, numbers, error, 0

    def __call__(self, call: str) -> None:
        if call == self._call:
            self._count += 1
            if self._count in self._numbers:
                raise self._error


async def test_an_error_in_passing_is_tried_again_and_no_row_is_read_twice(gateway):
    source = Ids([Row(name) for name in "abcdefgh"], fail=Failing("read", 2, 4, error=Transient("cut")))
    target = Ids(fail=Failing("write", 1, error=Transient("cut")))
    async with gateway(Systems({"source": source, "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert (reasons(receipt), target.held) == ({Reason.ADDED: 8}, set("abcdefgh"))


async def test_a_lasting_error_fails_the_transfer_with_reason_place_and_remedy(gateway):
    error = AuthError("the password was refused", place="target.example", remedy="Change it.")
    target = Ids(fail=Failing("write", *range(1, 100), error=error))
    async with gateway(Systems({"source": Ids([Row("a")]), "target": target})) as opened:
        transfer = await opened.share()
        receipt = await opened.receipt(transfer)
    assert (transfer.state, reasons(receipt)) == (TransferState.FAILED, {Reason.NOT_SENT: 1})
    assert transfer.failure.reason == "AUTH"
    assert transfer.failure.message == "target.example: the password was refused"
    assert transfer.failure.remedy == "Change it."


async def test_a_failed_transfer_accounts_for_what_it_delivered_and_the_next_one_delivers_the_rest(gateway):
    target = Ids(fail=Failing("write", 2, error=Permanent("full")))
    async with gateway(Systems({"source": Ids([Row(name) for name in "abcde"]), "target": target})) as opened:
        failed = await opened.share()
        partial = await opened.receipt(failed)
        receipt = await opened.receipt(await opened.share())
    assert failed.state is TransferState.FAILED
    assert reasons(partial) == {Reason.ADDED: 3, Reason.NOT_SENT: 2}
    assert (reasons(receipt), target.held) == ({Reason.ADDED: 2, Reason.ALREADY_MEMBER: 3}, set("abcde"))


async def test_a_source_that_breaks_off_is_accounted_for_as_far_as_it_was_read(gateway):
    source = Ids([Row("a"), Row(None), Row("c"), Row("d"), Row("e")], fail=Failing("read", 3, error=Permanent("gone")))
    target = Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        failed = await opened.share()
        receipt = await opened.receipt(failed)
    assert (failed.state, receipt.source_complete, target.held) == (TransferState.FAILED, False, set())
    assert reasons(receipt) == {Reason.NO_ID: 1, Reason.NOT_SENT: 3}


async def test_the_text_of_an_unexpected_error_goes_nowhere(gateway, capsys):
    target = Ids(fail=Failing("write", 1, error=RuntimeError("canary-id")))
    async with gateway(Systems({"source": Ids([Row("a")]), "target": target})) as opened:
        transfer = await opened.share()
    assert transfer.failure.reason == "INTERNAL"
    captured = capsys.readouterr()
    assert "canary-id" not in repr(transfer) + captured.out + captured.err


@pytest.mark.parametrize(
    ("values", "reasons_", "complaint"),
    [
        (["a"], [None], "answered 1 values and 1 reasons for 2 ids"),
        (["a", None], [None, None], "gave 1 ids neither or both"),
        (["a", None], [None, "made_up"], "not in the closed list"),
    ],
)
async def test_a_strategy_that_loses_a_row_fails_the_transfer(gateway, values, reasons_, complaint):
    class Losing(Plain):
        def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
            return Normalised(pa.array(values, pa.string()), pa.array(reasons_, pa.string()))

    systems = Systems({"source": Ids([Row("a"), Row("b")]), "target": Ids()}, Losing())
    async with gateway(systems) as opened:
        transfer = await opened.share()
    assert transfer.failure.reason == "PERMANENT"
    assert complaint in transfer.failure.message


async def test_a_failed_transfer_lets_go_of_the_source(gateway):
    class Closing(Ids):
        open_now = 0

        async def open(self) -> None:
            self.open_now += 1

        async def close(self) -> None:
            self.open_now -= 1

    class Refusing(Plain):
        def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
            raise Permanent("nothing can be normalised today")

    source = Closing([Row(name) for name in "abcdefgh"])
    async with gateway(Systems({"source": source, "target": Ids()}, Refusing())) as opened:
        transfer = await opened.share()
    assert (transfer.state, source.open_now) == (TransferState.FAILED, 0)


async def test_a_connector_that_miscounts_fails_the_transfer(gateway):
    class Miscounting(Ids):
        async def write_members(self, request):
            result = await super().write_members(request)
            return type(result)(result.accepted - 1)

    async with gateway(Systems({"source": Ids([Row("a")]), "target": Miscounting()})) as opened:
        transfer = await opened.share()
    assert "accounted for 0 accepted and 0 refused of 1 members" in transfer.failure.message


async def test_a_connection_that_is_not_configured_fails_the_transfer(gateway):
    async with gateway(Systems({"source": Ids([Row("a")])})) as opened:
        transfer = await opened.share()
    assert (transfer.failure.reason, transfer.failure.message) == (
        "CONFIG",
        "connections.target: there is no such connection",
    )


async def test_the_same_request_id_with_the_same_payload_is_the_same_transfer(gateway):
    target = Ids()
    async with gateway(Systems({"source": Ids([Row("a")]), "target": target})) as opened:
        first = await opened.share(request_id=REQUEST_ID)
        second = await opened.share(request_id=REQUEST_ID)
        listed = await opened.transfers.list(limit=10)
    assert first.id == second.id
    assert [transfer.id for transfer in listed] == [first.id]


async def test_the_same_request_id_with_another_payload_is_refused(gateway):
    async with gateway(Systems({"source": Ids(), "target": Ids(), "other": Ids()})) as opened:
        await opened.share(request_id=REQUEST_ID)
        with pytest.raises(RequestIdReused):
            await opened.share(request_id=REQUEST_ID, destination=AudienceRef("other", "list"))


async def test_an_audience_is_not_shared_with_itself(gateway):
    async with gateway(Systems({"source": Ids()})) as opened:
        with pytest.raises(ConfigError, match="same audience"):
            await opened.transfers.start(request(destination=AudienceRef("source", "all")))


async def test_transfers_are_listed_newest_first_in_pages(gateway):
    async with gateway(Systems({"source": Ids([Row("a")]), "target": Records()})) as opened:
        ids = [(await opened.share()).id for _ in range(3)]
        first = await opened.transfers.list(limit=2)
        rest = await opened.transfers.list(after=first[-1].id, limit=2)
        with pytest.raises(TransferNotFound):
            await opened.transfers.get("nobody")
    assert [transfer.id for transfer in first + rest] == ids[::-1]
