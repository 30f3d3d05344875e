"""A write that Campaign refuses is split until the guilty rows stand alone."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import DataSource, Permanent, RateLimited, TargetBatch, Transient, WriteRequest
from lxml import etree

SOURCE = DataSource(name="visitor-id", id_type="visitor_id", reconciliation_key="[trackingLog/@sourceId]")
GOLD = "<group id='12' name='gold' label='Gold' type='0'/>"


class Memberships:
    """A Campaign that knows the list `gold` and refuses to write some recipients."""

    def __init__(self, stub, refused: set[str], fault: str = "PGS-220000 no such recipient 5002") -> None:
        self.stub = stub
        self.refused = refused
        self.fault = fault
        self.written: list[etree._Element] = []
        self.sizes: list[int] = []
        stub.answers = self

    def pop(self, _: int):
        """The answer to the last call."""
        call = self.stub.calls[-1]
        if call.method == "ExecuteQuery":
            return self.stub.rows(GOLD)
        rows = list(call.parameters[1][0])
        self.sizes.append(len(rows))
        if self.refused & {row.get("recipient-id") for row in rows}:
            return self.stub.fault(self.fault)
        self.written += rows
        return self.stub.envelope("<WriteCollectionResponse xmlns='urn:xtk:session'/>")


def request(*targets: str) -> WriteRequest:
    return WriteRequest(audience="gold", source=SOURCE, batch=TargetBatch.of(targets), key="k")


@pytest.fixture
async def campaign(connector_to, stub):
    return await connector_to(stub.url, write_rows=8, concurrency=1)


async def test_only_the_guilty_rows_are_refused(campaign, stub):
    gold = Memberships(stub, {"5", "9"})
    result = await campaign.write_members(request(*map(str, range(1, 21))))
    assert result.accepted == 18
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [(4, "PGS-220000"), (8, "PGS-220000")]
    assert {row.get("recipient-id") for row in gold.written} == set(map(str, range(1, 21))) - {"5", "9"}


async def test_a_refusal_keeps_the_text_without_ids(campaign, stub):
    Memberships(stub, {"5"})
    (refusal,) = (await campaign.write_members(request("5"))).refused
    assert refusal.detail == "no such recipient …"


async def test_every_row_may_be_guilty(campaign, stub):
    Memberships(stub, {"1", "2", "3"})
    result = await campaign.remove_members(request("1", "2", "3"))
    assert (result.accepted, [refusal.index for refusal in result.refused]) == (0, [0, 1, 2])


async def test_a_write_takes_no_more_rows_than_set(campaign, stub):
    gold = Memberships(stub, set())
    await campaign.write_members(request(*map(str, range(20))))
    assert gold.sizes == [8, 8, 4]


async def test_rows_are_written_by_list_and_recipient(campaign, stub):
    gold = Memberships(stub, set())
    await campaign.write_members(request("7"))
    await campaign.remove_members(request("7"))
    key = {"_key": "@rcpGroup-id, @recipient-id", "rcpGroup-id": "12", "recipient-id": "7"}
    assert [dict(row.attrib) for row in gold.written] == [
        {"_operation": "insertOrUpdate"} | key,
        {"_operation": "delete"} | key,
    ]


async def test_the_other_spelling_of_the_list_key(connector_to, stub):
    campaign = await connector_to(stub.url, membership_list_key="group-id")
    gold = Memberships(stub, set())
    await campaign.write_members(request("7"))
    assert gold.written[0].get("group-id") == "12"


async def test_what_is_no_recipient_key_is_refused_without_a_call(campaign, stub):
    gold = Memberships(stub, set())
    result = await campaign.write_members(request("7", "", "a b", "8"))
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [
        (1, "not-a-recipient-key"),
        (2, "not-a-recipient-key"),
    ]
    assert (result.accepted, gold.sizes) == (2, [2])


async def test_a_refusal_that_concerns_every_row_fails_the_batch_at_once(campaign, stub):
    gold = Memberships(stub, {"1"}, fault="XTK-170036 Unable to parse expression '@group-id'.")
    with pytest.raises(Permanent, match="XTK-170036"):
        await campaign.write_members(request("1", "2", "3", "4"))
    assert gold.sizes == [4]


async def test_a_limited_rate_fails_the_batch_at_once(campaign, stub):
    stub.answers = [stub.rows(GOLD), stub.text("", 429)]
    with pytest.raises(RateLimited):
        await campaign.write_members(request("1", "2"))
    assert stub.answers == []


async def test_no_rows_change_nothing(campaign, stub):
    gold = Memberships(stub, set())
    result = await campaign.write_members(request())
    assert (result.accepted, result.refused, gold.sizes) == (0, (), [])


async def test_a_list_that_is_not_there_is_permanent_with_a_remedy(campaign, stub):
    stub.answers = [stub.rows()]
    with pytest.raises(Permanent, match="gold") as raised:
        await campaign.write_members(request("1"))
    assert "Create the list" in raised.value.remedy


async def test_an_error_behind_a_written_part_says_that_something_was_sent(campaign, stub):
    Memberships(stub, {"9"}, "XTK-170036 no such attribute")
    with pytest.raises(Permanent) as raised:
        await campaign.write_members(request(*map(str, range(1, 21))))
    assert raised.value.sent


async def test_an_error_in_the_only_part_says_that_nothing_was_written(campaign, stub):
    Memberships(stub, {"5"}, "XTK-170036 no such attribute")
    with pytest.raises(Permanent) as raised:
        await campaign.write_members(request("4", "5"))
    assert not raised.value.sent


async def test_an_answer_that_is_none_leaves_in_doubt_what_was_written(campaign, stub):
    stub.answers = [stub.rows(GOLD), stub.text("<html>welcome</html>")]
    with pytest.raises(Permanent) as raised:
        await campaign.write_members(request("5"))
    assert raised.value.sent


async def test_a_failure_before_the_write_leaves_nothing_in_doubt(campaign, stub):
    stub.answers = [stub.text("", 503)]
    with pytest.raises(Transient) as raised:
        await campaign.write_members(request("5"))
    assert not raised.value.sent


async def test_a_campaign_that_cannot_be_reached_leaves_nothing_in_doubt(connector_to, unused_tcp_port):
    campaign = await connector_to(f"http://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(Transient, match="cannot be reached") as raised:
        await campaign.write_members(request("5"))
    assert not raised.value.sent
