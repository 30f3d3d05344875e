"""Campaign v8, where primary keys are texts (UUID): cut into spans, and resumed behind any key."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from audience_gateway.sdk import DataSource, IndexRequest, ReadRequest
from audience_gateway_campaign import batches

EMAIL = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
VISITOR = DataSource(name="visitor-id", id_type="visitor_id", reconciliation_key="[trackingLog/@sourceId]")
KEYS = [str(UUID(int=number * 7919 * 2**100)) for number in range(1, 24)]


def recipient(key: str) -> dict[str, str]:
    return {"id": key, "email": f"{key[:8]}@example.org", "blackList": "0", "lastModified": "2026-01-02 03:04:05.678Z"}


def log(number: int) -> dict[str, str]:
    owner = KEYS[number // 3 * 2] if number < 30 else ""
    return {"id": str(UUID(int=number + 1)), "recipient-id": owner, "sourceId": f"ecid-{number % 7}", "logDate": ""}


class V8:
    """Two tables: recipients, all in the list `gold`, and tracking logs, three for every other recipient."""

    def __init__(self, stub) -> None:
        self.stub = stub
        self.tables = {
            "nms:group": [{"id": str(UUID(int=5)), "name": "gold", "label": "Gold", "type": "0"}],
            "nms:recipient": [recipient(key) for key in KEYS],
            "nms:trackingLogRcp": [log(number) for number in range(32)],
        }
        stub.answers = self

    def pop(self, _: int):
        """The answer to the last call."""
        query = self.stub.calls[-1].parameters[1][0]
        found = sorted(self.tables[query.get("schema")], key=lambda row: row["id"])
        for condition in (each.get("expr") for each in query.findall("where/condition")):
            found = [row for row in found if self.meets(row, condition)]
        if query.get("operation") == "count":
            return self.stub.envelope(
                f"<ExecuteQueryResponse xmlns='urn:'><o><r count='{len(found)}'/></o></ExecuteQueryResponse>"
            )
        if query.find("orderBy/node[@sortDesc]") is not None:
            found.reverse()
        rows = found[: int(query.get("lineCount"))]
        record = query.get("schema").partition(":")[2]
        return self.stub.rows(
            *(f"<{record} " + " ".join(f"{name}='{row[name]}'" for name in row) + "/>" for row in rows)
        )

    @staticmethod
    def meets(row: dict[str, str], condition: str) -> bool:
        values = re.findall(r"'([^']*)'", condition)
        if " IN (" in condition:
            return row["recipient-id"] in values
        if condition.startswith("@id > "):
            return row["id"] > values[0]
        return row["id"] <= values[0] if condition.startswith("@id <= ") else True


@pytest.fixture
async def campaign(connector_to, stub):
    V8(stub)
    return await connector_to(stub.url, page_rows=4)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(batches, "ROWS_OF_A_BATCH", 5)


async def ids(campaign, source: DataSource, after: str | None = None) -> list[list[str | None]]:
    request = ReadRequest(audience="gold", source=source, after=after)
    return [page.members.columns.column("id").to_pylist() async for page in campaign.read_members(request)]


async def test_every_member_is_read_once(campaign):
    assert await ids(campaign, EMAIL) == [[f"{key[:8]}@example.org" for key in KEYS]]


async def test_members_are_read_in_several_spans(campaign, stub):
    await ids(campaign, EMAIL)
    ends = [each.get("expr") for call in stub.calls for each in call.parameters[-1].iter("condition")]
    assert len({end for end in ends if end.startswith("@id <= '")}) > 3


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("source", [EMAIL, VISITOR])
async def test_reading_goes_on_exactly_behind_each_page(campaign, source):
    request = ReadRequest(audience="gold", source=source)
    tokens = [page.resume_token async for page in campaign.read_members(request)]
    whole = await ids(campaign, source)
    assert len(tokens) > 2
    for number, token in enumerate(tokens):
        rest = [id_ for page in await ids(campaign, source, token) for id_ in page]
        assert rest == [id_ for page in whole[number + 1 :] for id_ in page]


async def test_a_member_has_a_row_for_each_distinct_id_and_one_without_if_it_has_none(campaign):
    ((*found,),) = await ids(campaign, VISITOR)
    expected = []
    for position, key in enumerate(KEYS):
        own = sorted({log(number)["sourceId"] for number in range(30) if log(number)["recipient-id"] == key})
        assert bool(own) == (position % 2 == 0 and position < 20)
        expected += own or [None]
    assert found == expected


@pytest.mark.usefixtures("small_batches")
async def test_the_index_leaves_out_logs_without_a_recipient_and_resumes(campaign):
    pages = [page async for page in campaign.read_index(IndexRequest(source=VISITOR))]
    entries = [tuple(entry.values()) for page in pages for entry in page.entries.columns.to_pylist()]
    assert entries == [(log(n)["sourceId"], log(n)["recipient-id"], None, False) for n in range(30)]
    resumed = campaign.read_index(IndexRequest(source=VISITOR, after=pages[0].resume_token))
    rest = [tuple(entry.values()) async for page in resumed for entry in page.entries.columns.to_pylist()]
    assert rest == entries[len(pages[0].entries) :]
