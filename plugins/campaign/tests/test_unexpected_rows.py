"""An answer that holds no rows where rows must be is not taken for an empty table."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import DataSource, Permanent, ReadRequest
from audience_gateway_campaign.query import Query
from audience_gateway_campaign.reading import _rows
from lxml import etree

QUERY = Query(schema="nms:recipient", select=("@id",))


def rows(*results: str) -> list[str | None]:
    return [row.get("id") for row in _rows([etree.fromstring(result) for result in results], QUERY, "host")]


def test_rows_are_found_by_local_names_whatever_their_wrapper_is_called():
    for wrapper in ("recipient-collection", "collection", "x"):
        answer = f"<o><{wrapper} xmlns='urn:'><recipient id='1'/><recipient id='2'/></{wrapper}></o>"
        assert rows(answer) == ["1", "2"]


def test_an_empty_collection_is_no_rows():
    assert rows("<o><recipient-collection/></o>") == []


@pytest.mark.parametrize(
    "results",
    [
        (),
        ("<o/>",),
        ("<o>recipient</o>",),
        ("<o><recipient/></o>",),
        ("<o><recipient id='1'/></o>",),
        ("<o><recipient count='0'/></o>",),
        ("<o><recipient-collection>denied</recipient-collection></o>",),
        ("<o><error code='7'/></o>",),
        ("<o><recipient-collection><group id='1'/></recipient-collection></o>",),
        ("<o><html><body/></html></o>",),
        ("<o><recipient-collection/></o>", "<o/>"),
    ],
)
def test_anything_else_is_refused(results):
    with pytest.raises(Permanent, match="host: Campaign's answer to a query holds"):
        rows(*results)


async def test_a_list_whose_rows_are_gone_is_not_read_as_an_empty_list(connector_to, stub):
    count = stub.envelope("<ExecuteQueryResponse xmlns='urn:'><o><recipient count='9'/></o></ExecuteQueryResponse>")
    gold = stub.rows("<group id='12' name='gold' label='Gold' type='0'/>")
    stub.answers = [gold, *[stub.envelope("<ExecuteQueryResponse xmlns='urn:'><o/></ExecuteQueryResponse>")] * 2, count]
    campaign = await connector_to(stub.url, concurrency=1)
    source = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
    with pytest.raises(Permanent, match="holds no collection of rows"):
        _ = [page async for page in campaign.read_members(ReadRequest(audience="gold", source=source))]
