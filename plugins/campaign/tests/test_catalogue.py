"""What lists say of themselves."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Permanent

SHARED = (
    "<group id='12' name='gold' label='Gold' type='0' sharedAudienceId='99'>"
    "<folder label='Lists'/><amcDataSource name='defaultDataSource'/></group>"
)
SIZE = "<rcpGrpRel rcpGroup-id='12' counted='7'/>"


def asked(call) -> list[str]:
    return [node.get("expr") for node in call.parameters[1].iter("node")]


async def all_lists(campaign):
    return [each async for each in campaign.list_audiences()]


async def test_a_list_that_is_bound_to_a_shared_audience_says_so(connector_to, stub):
    stub.answers = [stub.rows(SHARED), stub.rows(SIZE)]
    (gold,) = await all_lists(await connector_to(stub.url))
    expected = (
        "List of recipients in folder `Lists`, filled from shared audience 99 by data source `defaultDataSource`."
    )
    assert (gold.description, gold.size) == (expected, 7)


async def test_sizes_of_a_page_of_lists_take_one_query(connector_to, stub):
    lists = [f"<group id='{n}' name='list-{n}' type='0'/>" for n in range(5)]
    stub.answers = [stub.rows(*lists), stub.rows(SIZE.replace("12", "3"))]
    found = await all_lists(await connector_to(stub.url))
    assert [each.size for each in found] == [0, 0, 0, 7, 0]
    assert stub.methods() == ["Logon", "ExecuteQuery", "ExecuteQuery"]


async def test_an_instance_without_the_assumed_attributes_is_asked_without_them_from_then_on(connector_to, stub):
    unknown = stub.fault("SOP-330011 Error while executing", "XTK-170036 Unable to parse expression")
    stub.answers = [unknown, stub.rows(SHARED), stub.rows(SIZE), stub.rows(SHARED), stub.rows(SIZE)]
    campaign = await connector_to(stub.url)
    (gold,) = await all_lists(campaign)
    assert gold.description == "List of recipients."
    await all_lists(campaign)
    queries = [asked(call) for call in stub.calls if call.method == "ExecuteQuery"]
    assert ["@sharedAudienceId" in query for query in queries] == [True, False, False, False, False]


async def test_another_refusal_is_none_of_that(connector_to, stub):
    stub.answers = [stub.fault("PGS-220000 deadlock detected")]
    with pytest.raises(Permanent, match="PGS-220000"):
        await all_lists(await connector_to(stub.url))
    assert stub.answers == []


async def test_attributes_can_be_left_out(connector_to, stub):
    stub.answers = [stub.rows(SHARED), stub.rows(SIZE)]
    catalogue = {"folder": "", "shared_audience": "", "data_source": ""}
    (gold,) = await all_lists(await connector_to(stub.url, catalogue=catalogue))
    assert gold.description == "List of recipients."
