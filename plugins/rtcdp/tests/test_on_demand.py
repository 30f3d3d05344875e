"""Exports on demand: ordered in jobs that the platform takes, and waited for (rtcdp 6.9, 10.9)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Permanent, Transient
from audience_gateway_rtcdp.on_demand import OnDemand
from audience_gateway_rtcdp.on_demand_settings import OnDemandSettings

FLOWS = "/data/foundation/flowservice"
ADHOC = "/data/core/activation/disflowprovider/adhocrun"
GOES_ON = "Run already going on for segment X for order Y with run id Z"


@pytest.fixture
def orders(stub, connect):
    """Orders exports of a flow that is there, from the small server."""
    stub.on("GET", f"{FLOWS}/flows", {"items": [{"id": "f-1", "name": "campaign"}], "_links": {}})

    def order(*audiences, wait_seconds=5.0):
        settings = OnDemandSettings(wait_seconds=wait_seconds, poll_seconds=0.01)
        return OnDemand(connect()._parts.flows, "campaign", settings).export(audiences)

    return order


def ordered(*runs):
    return {"order": [{"segment": "s", "order": "f-1", "statusURL": f"https://any/runs/{run}"} for run in runs]}


def run(status, rows=0):
    metrics = {"statusSummary": {"status": status}, "recordSummary": {"outputRecordCount": rows}}
    return {"items": [{"metrics": metrics}]}


def bodies(stub):
    return [body for (_, path), body in zip(stub.calls, stub.bodies, strict=True) if path == ADHOC]


async def test_an_order_is_followed_until_it_is_done(stub, orders):
    stub.on("POST", ADHOC, ordered("r-1"))
    stub.on("GET", f"{FLOWS}/runs/r-1", run("SUCCESS", 7))
    assert await orders("gold") == 7
    assert bodies(stub) == [{"activationInfo": {"f-1": ["gold"]}}]
    sent = next(headers for (_, path), headers in zip(stub.calls, stub.headers, strict=True) if path == ADHOC)
    assert sent["Accept"] == "application/vnd.adobe.adhoc.activation+json; version=2"


async def test_complaint_9_more_than_80_audiences_are_several_jobs(stub, orders):
    stub.on("POST", ADHOC, ordered("r-1"))
    stub.on("GET", f"{FLOWS}/runs/r-1", run("success", 1))
    names = [str(number) for number in range(161)]
    assert await orders(*names) == 3
    assert [body["activationInfo"]["f-1"] for body in bodies(stub)] == [names[:80], names[80:160], names[160:]]


async def test_complaint_9_an_order_is_queued_behind_the_scheduled_export(stub, orders):
    flows = stub.says({"items": [{"id": "f-1", "name": "campaign"}], "_links": {}})
    stub.answers = [flows, *[stub.says({"message": GOES_ON}, 400)] * 2]
    stub.on("POST", ADHOC, ordered("r-1"))
    stub.on("GET", f"{FLOWS}/runs/r-1", run("success", 2))
    assert await orders("gold") == 2
    assert len(bodies(stub)) == 3


async def test_complaint_9_an_audience_out_of_schedule_range_is_told_with_what_to_do(stub, orders):
    message = "Segments 84cc are not part of this dataflow or out of schedule range!"
    stub.on("POST", ADHOC, {"message": message}, 400)
    with pytest.raises(Permanent, match="not activated by the flow") as caught:
        await orders("84cc")
    assert "an hour later" in caught.value.remedy
    assert len(bodies(stub)) == 1


async def test_another_refusal_is_told_as_it_is(stub, orders):
    stub.on("POST", ADHOC, {"message": "no such thing"}, 400)
    with pytest.raises(Permanent, match="no such thing"):
        await orders("gold")


@pytest.mark.parametrize("status", ["failed", "PARTIAL_SUCCESS", "PARTIAL_FAILURE"])
async def test_an_export_that_has_not_written_everything_has_failed(stub, orders, status):
    stub.on("POST", ADHOC, ordered("r-1"))
    stub.on("GET", f"{FLOWS}/runs/r-1", run(status))
    with pytest.raises(Permanent, match=f"ended as `{status.lower()}`"):
        await orders("gold")


async def test_the_wait_is_bounded(stub, orders):
    stub.on("POST", ADHOC, ordered("r-1"))
    stub.on("GET", f"{FLOWS}/runs/r-1", run("inProgress"))
    with pytest.raises(Transient, match=r"took more than 0\.2 seconds") as caught:
        await orders("gold", wait_seconds=0.2)
    assert not caught.value.sent


@pytest.mark.parametrize("answer", [{}, {"order": []}, {"order": [{"segment": "s"}]}])
async def test_an_answer_without_a_run_is_none(stub, orders, answer):
    stub.on("POST", ADHOC, answer)
    with pytest.raises(Permanent, match="tells no run"):
        await orders("gold")


async def test_a_flow_that_is_not_there_is_told(stub, orders):
    stub.on("GET", f"{FLOWS}/flows", {"items": [], "_links": {}})
    with pytest.raises(Permanent, match="there is no such flow"):
        await orders("gold")
