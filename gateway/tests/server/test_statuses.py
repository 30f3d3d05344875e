from __future__ import annotations

import grpc
import pytest
from audience_gateway.sdk import AuthError, ConfigError, Permanent, RateLimited, Transient
from audience_gateway.transfers.service import RequestIdReused, TransferNotEnded, TransferNotFound
from audience_gateway.v1 import audience_service_pb2, transfer_service_pb2
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from google.rpc import error_details_pb2
from loopback import Transfers, core, detail, refusal, serving

GET = transfer_service_pb2.GetTransferRequest(name="transfers/t-1")

EXPECTED = [
    (ConfigError("bad", place="a.b", remedy="Fix."), grpc.StatusCode.FAILED_PRECONDITION, "CONFIG"),
    (AuthError("bad", place="a.b", remedy="Fix."), grpc.StatusCode.FAILED_PRECONDITION, "AUTH"),
    (RateLimited("bad", place="a.b", remedy="Fix."), grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED"),
    (Transient("bad", place="a.b", remedy="Fix."), grpc.StatusCode.UNAVAILABLE, "TRANSIENT"),
    (Permanent("bad", place="a.b", remedy="Fix."), grpc.StatusCode.FAILED_PRECONDITION, "PERMANENT"),
]


async def refused(error: Exception) -> grpc.aio.AioRpcError:
    """How a call is refused whose core raises that error."""
    raising = core()
    assert isinstance(raising.transfers, Transfers)
    raising.transfers.raises = error
    async with serving(raising) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).GetTransfer(GET)
        return caught.value


@pytest.mark.parametrize(("error", "code", "reason"), EXPECTED, ids=lambda one: getattr(one, "name", ""))
async def test_each_of_the_five_errors_has_its_status_with_place_and_remedy(
    error: Exception, code: grpc.StatusCode, reason: str
) -> None:
    found = await refused(error)

    assert refusal(found)[:2] == (code, reason)
    assert dict(refusal(found)[2].metadata) == {"place": "a.b", "remedy": "Fix."}
    assert found.details() == "a.b: bad"


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (TransferNotFound("t-1"), grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
        (TransferNotEnded("t-1"), grpc.StatusCode.FAILED_PRECONDITION, "TRANSFER_NOT_ENDED"),
        (RequestIdReused(), grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
    ],
)
async def test_each_refusal_of_the_core_has_its_status(error: Exception, code: grpc.StatusCode, reason: str) -> None:
    assert refusal(await refused(error))[:2] == (code, reason)


async def test_a_rate_limit_says_when_to_come_again() -> None:
    found = await refused(RateLimited("too fast", retry_after=1.5))

    assert detail(found, error_details_pb2.RetryInfo()).retry_delay.ToMilliseconds() == 1500


async def test_nothing_of_an_unexpected_error_reaches_the_client_or_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    found = await refused(ValueError("card 4711-0815"))

    code, reason, info = refusal(found)
    assert (code, reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    logged = "".join(capsys.readouterr())
    assert info.metadata["incident"] in logged
    assert "loopback.py" in logged
    assert "4711" not in logged + str(found.details()) + str(found.trailing_metadata())


async def test_a_stream_is_refused_like_any_other_call() -> None:
    async with serving(core()) as (_, channel):
        watch = TransferServiceStub(channel).WatchTransfer(
            transfer_service_pb2.WatchTransferRequest(name="transfers/none")
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await watch.read()

    assert refusal(caught.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_a_request_that_breaks_rules_is_answered_with_every_field_that_does() -> None:
    broken = audience_service_pb2.ShareAudienceRequest(
        source="corner/list-0", destination="connections/corner/audiences/list-1", request_id="7", candidate_policy=9
    )
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).ShareAudience(broken)

    assert refusal(caught.value)[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    violations = detail(caught.value, error_details_pb2.BadRequest()).field_violations
    assert {one.field for one in violations} == {"source", "data_source", "request_id", "candidate_policy"}
    assert "corner/list-0" not in str(caught.value.details())


async def test_a_nested_field_that_breaks_its_rule_is_named_by_its_path() -> None:
    broken = audience_service_pb2.ShareAudienceRequest(
        source="connections/corner/audiences/list-0",
        destination="connections/corner/audiences/list-1",
        data_source="dataSources/cards",
    )
    broken.guard.removed_share = 2
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).ShareAudience(broken)

    violations = detail(caught.value, error_details_pb2.BadRequest()).field_violations
    assert [one.field for one in violations] == ["guard.removed_share"]
