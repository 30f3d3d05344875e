"""What has changed in the identity index, read from the sandbox's Campaign by its times of change."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import DataSource, IndexChange, IndexChangesRequest
from audience_gateway_campaign import batches
from audience_gateway_sandbox.sandbox import Sandbox

EMAIL = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
VISITOR = DataSource(name="visitor-id", id_type="visitor_id", reconciliation_key="[trackingLog/@sourceId]")
FOLDER = DataSource(name="folder", id_type="declared_id", reconciliation_key="[folder/@name]")
NO_OVERLAP = {"overlap_minutes": 0, "log_overlap_hours": 0}


@pytest.fixture
async def sandbox():
    async with Sandbox.started(recipients=100) as sandbox:
        database = sandbox.instance.campaign.database
        with database:
            database.execute("UPDATE recipient SET lastModified = '2026-01-01 00:00:00.000Z'")
            database.execute("UPDATE tracking_log SET log_date = '2026-01-01 00:00:00.000Z'")
        yield sandbox


@pytest.fixture
def change(sandbox):
    """Changes the tables behind the sandbox."""

    def run(statement: str, *values: object) -> None:
        with sandbox.instance.campaign.database:
            sandbox.instance.campaign.database.execute(statement, values)

    return run


@pytest.fixture
def ask(sandbox):
    """Asks the tables behind the sandbox."""
    return lambda query: sandbox.instance.campaign.database.execute(query).fetchall()


@pytest.fixture
async def connect(connector_to, sandbox, monkeypatch):
    ready = sandbox.ready["campaign"]
    monkeypatch.setenv("CAMPAIGN_PASSWORD", ready["password"])

    async def opened(**settings):
        access = {"user": ready["user"], "password": "env:CAMPAIGN_PASSWORD", "page_rows": 10}
        return await connector_to(ready["url"], **access, **settings)

    return opened


async def changes(campaign, source, since, after=None) -> tuple[list[str], list[tuple[str | None, str, bool]]]:
    """Whose entries do not count any more, and the entries; the resume tokens of pages are tried on the way."""
    request = IndexChangesRequest(source=source, since=since, after=after)
    pages = [page async for page in campaign.read_index_changes(request)]
    replaced = [target for page in pages for target in page.replaced.to_pylist()]
    rows = [row for page in pages for row in page.entries.columns.to_pylist()]
    return replaced, [(row["id"], row["target"], row["opted_out"]) for row in rows]


async def test_recipients_that_changed_are_told_with_what_they_are_now(connect, change, ask):
    campaign = await connect(index=NO_OVERLAP)
    mark = await campaign.mark_index(EMAIL, None)
    assert (mark.change, mark.complete) == (IndexChange.UNKNOWN, False)
    (first,), (second,) = ask("SELECT id FROM recipient ORDER BY id LIMIT 2")
    change("UPDATE recipient SET lastModified = '2025-01-01 00:00:00.000Z' WHERE id > ?", second)
    change("UPDATE recipient SET email = 'new@example.org', blackList = 1 WHERE id = ?", first)
    change("UPDATE recipient SET email = '' WHERE id = ?", second)
    assert (await campaign.mark_index(EMAIL, mark.token)).change is IndexChange.SOME
    replaced, entries = await changes(campaign, EMAIL, mark.token)
    assert replaced == [str(first), str(second)]
    assert [entry for entry in entries if entry[0]] == [("new@example.org", str(first), True)]


async def test_tracking_logs_that_have_come_are_told_and_those_of_changed_recipients(connect, change, ask):
    campaign = await connect(index=NO_OVERLAP)
    mark = await campaign.mark_index(VISITOR, None)
    change("UPDATE recipient SET lastModified = '2025-01-01 00:00:00.000Z'")
    change("UPDATE tracking_log SET log_date = '2025-01-01 00:00:00.000Z'")
    ((reader, newcomer),) = ask("SELECT min(recipient_id), max(recipient_id) FROM tracking_log")
    change("UPDATE recipient SET blackList = 1, lastModified = '2026-01-02 00:00:00.000Z' WHERE id = ?", reader)
    change(
        "INSERT INTO tracking_log (id, source_id, recipient_id, log_date) VALUES (999999, '77', ?, ?)",
        newcomer,
        "2026-01-03 00:00:00.000Z",
    )
    replaced, entries = await changes(campaign, VISITOR, mark.token)
    assert replaced == [str(reader)]
    logs = ask(f"SELECT source_id FROM tracking_log WHERE recipient_id = {reader} ORDER BY id")
    opted_out = bool(ask(f"SELECT blackList FROM recipient WHERE id = {newcomer}")[0][0])
    assert entries == [*((id_, str(reader), True) for (id_,) in logs), ("77", str(newcomer), opted_out)]


async def test_what_came_late_is_read_again_by_the_overlap(connect, change, ask):
    campaign = await connect()
    mark = await campaign.mark_index(VISITOR, None)
    change("UPDATE tracking_log SET log_date = '2025-12-31 01:00:00.000Z'")
    change("UPDATE recipient SET lastModified = '2025-12-31 23:49:59.000Z'")
    replaced, entries = await changes(campaign, VISITOR, mark.token)
    assert (replaced, len(entries)) == ([], ask("SELECT count(*) FROM tracking_log")[0][0])


async def test_reading_changes_goes_on_exactly_behind_each_page(connect, monkeypatch):
    monkeypatch.setattr(batches, "ROWS_OF_A_BATCH", 10)
    campaign = await connect()
    mark = await campaign.mark_index(VISITOR, None)
    request = IndexChangesRequest(source=VISITOR, since=mark.token)
    pages = [page async for page in campaign.read_index_changes(request)]
    replaced, entries = await changes(campaign, VISITOR, mark.token)
    assert min(len(replaced), len(entries)) > 20
    for page in pages:
        del replaced[: len(page.replaced)], entries[: len(page.entries)]
        assert await changes(campaign, VISITOR, mark.token, page.resume_token) == (replaced, entries)


@pytest.mark.parametrize("source", [EMAIL, VISITOR, FOLDER], ids=lambda source: source.name)
async def test_there_is_no_mark_without_times_or_for_ids_behind_a_link(connect, change, source):
    if source is not FOLDER:
        change("UPDATE recipient SET lastModified = NULL")
    mark = await (await connect()).mark_index(source, None)
    assert (mark.token, mark.change) == ("", IndexChange.UNKNOWN)
