"""The connector against the sandbox's Campaign over a real socket; the tables say what is true."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest
from audience_gateway.sdk import (
    AuthError,
    ConfigError,
    DataSource,
    IndexRequest,
    Permanent,
    ReadRequest,
    Severity,
    TargetBatch,
    WriteRequest,
)
from audience_gateway_campaign import batches
from audience_gateway_ims import ImsSettings, ImsTokens
from audience_gateway_sandbox.sandbox import Sandbox

EMAIL = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
VISITOR = DataSource(name="visitor-id", id_type="visitor_id", reconciliation_key="[trackingLog/@sourceId]")
RECIPIENTS = 1500


@pytest.fixture
async def sandbox():
    async with Sandbox.started(recipients=RECIPIENTS) as sandbox:
        yield sandbox


@pytest.fixture
def sql(sandbox):
    """Asks the tables behind the sandbox."""
    return lambda query: sandbox.instance.campaign.database.execute(query).fetchall()


@pytest.fixture
async def campaign(connector_to, sandbox, monkeypatch):
    ready = sandbox.ready["campaign"]
    monkeypatch.setenv("CAMPAIGN_PASSWORD", ready["password"])
    return await connector_to(ready["url"], user=ready["user"], password="env:CAMPAIGN_PASSWORD", page_rows=100)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(batches, "ROWS_OF_A_BATCH", 250)


def change(targets, audience: str = "gold") -> WriteRequest:
    return WriteRequest(audience=audience, source=VISITOR, batch=TargetBatch.of([str(t) for t in targets]), key="k")


async def members(campaign, source: DataSource, after: str | None = None) -> list[tuple[str | None, bool]]:
    request = ReadRequest(audience="gold", source=source, after=after)
    rows = [row async for page in campaign.read_members(request) for row in page.members.columns.to_pylist()]
    return [(row["id"], row["opted_out"]) for row in rows]


@pytest.fixture
async def gold(campaign, sql):
    """The list `gold` holds every other recipient, some of whom have no e-mail, no log or opted out."""
    await campaign.create_audience("gold", "Gold customers")
    recipients = [key for (key,) in sql("SELECT id FROM recipient WHERE id % 2 = 0 ORDER BY id")]
    await campaign.write_members(change(recipients))
    return recipients


async def test_a_list_is_created_once(campaign, sql):
    first = await campaign.create_audience("gold", "Gold customers")
    again = await campaign.create_audience("gold", "Another title")
    assert (first.id, first.title, again.title) == ("gold", "Gold customers", "Gold customers")
    assert sql("SELECT count(*) FROM list_group WHERE name = 'gold'") == [(1,)]


async def test_a_name_with_quotes_ampersands_and_letters_beyond_ascii(campaign):
    name = 'O\'Hara \\ <Müller> & "Söhne"'
    await campaign.create_audience(name, name)
    found = await campaign.get_audience(name)
    assert (found.id, found.title, found.size) == (name, name, 0)


async def test_lists_are_read_page_by_page_in_order_of_their_names(connector_to, sandbox, campaign):
    for name in ("gold", "silver", "bronze", "iron", "tin"):
        await campaign.create_audience(name, name.title())
    ready = sandbox.ready["campaign"]
    narrow = await connector_to(ready["url"], user=ready["user"], password="env:CAMPAIGN_PASSWORD", page_rows=2)
    found = [audience.id async for audience in narrow.list_audiences()]
    assert found == sorted(found)
    assert {"gold", "silver", "bronze", "iron", "tin"} <= set(found)


async def test_lists_have_a_size_and_tell_their_kind_and_folder(campaign, gold, sql):
    await campaign.create_audience("empty", "Empty")
    sql("UPDATE list_group SET type = 2 WHERE name = 'empty'")
    found = {audience.id: audience async for audience in campaign.list_audiences()}
    assert (found["gold"].size, found["gold"].writable) == (len(gold), True)
    assert found["gold"].description == "List of recipients in folder `Lists`."
    assert (found["empty"].size, found["empty"].writable) == (None, False)
    assert found["empty"].description == "List of a file in folder `Lists`."
    assert await campaign.get_audience("gold") == found["gold"]


async def test_an_audience_that_is_not_there_is_none(campaign):
    assert await campaign.get_audience("nobody") is None


async def test_reading_a_list_that_is_not_there_is_permanent(campaign):
    with pytest.raises(Permanent, match="nobody"):
        await anext(campaign.read_members(ReadRequest(audience="nobody", source=EMAIL)))


async def test_an_empty_list_has_no_pages(campaign):
    await campaign.create_audience("gold", "Gold")
    assert await members(campaign, EMAIL) == []


async def test_members_have_their_attribute_as_it_is_held(campaign, sql, gold):
    expected = sql("SELECT nullif(email, ''), blackList FROM recipient WHERE id % 2 = 0 ORDER BY id")
    found = await members(campaign, EMAIL)
    assert found == [(email, bool(opted_out)) for email, opted_out in expected]
    assert len(found) == len(gold)
    assert {None} < {email for email, _ in found}
    assert {opted_out for _, opted_out in found} == {True, False}


async def test_members_have_a_row_for_each_visitor_id_and_one_without_if_there_is_none(campaign, sql, gold):
    owned = defaultdict(set)
    for recipient, id_ in sql("SELECT recipient_id, source_id FROM tracking_log WHERE source_id != ''"):
        owned[recipient].add(id_)
    found = [id_ for id_, _ in await members(campaign, VISITOR)]
    assert found == [id_ for recipient in gold for id_ in sorted(owned[recipient]) or [None]]
    assert len(found) > len(gold)


async def test_members_have_ids_of_several_data_sources_a_row_for_each_visitor_id(campaign, sql, gold):
    await campaign.check_several_ids("gold", [EMAIL, VISITOR])
    held = dict(sql("SELECT id, nullif(email, '') FROM recipient"))
    visitors = [id_ for id_, _ in await members(campaign, VISITOR)]
    owned = defaultdict(set)
    for recipient, id_ in sql("SELECT recipient_id, source_id FROM tracking_log WHERE source_id != ''"):
        owned[recipient].add(id_)
    request = ReadRequest(audience="gold", source=EMAIL, further=(VISITOR,))
    pages = [page async for page in campaign.read_members(request)]
    found = [row["id"] for page in pages for row in page.members.columns.to_pylist()]
    assert found == [held[recipient] for recipient in gold for _ in owned[recipient] or [None]]
    assert [row[VISITOR.name] for page in pages for row in page.further_ids.to_pylist()] == visitors


async def test_ids_of_tracking_logs_are_those_of_one_data_source(campaign):
    with pytest.raises(ConfigError, match="one attribute of their tracking logs"):
        await campaign.check_several_ids("gold", [VISITOR, replace(VISITOR, name="other")])


@pytest.mark.usefixtures("small_batches", "gold")
@pytest.mark.parametrize("source", [EMAIL, VISITOR])
async def test_reading_goes_on_exactly_behind_each_page(campaign, source):
    pages = [page async for page in campaign.read_members(ReadRequest(audience="gold", source=source))]
    whole = await members(campaign, source)
    assert len(pages) >= 3
    read = 0
    for page in pages:
        read += len(page.members)
        assert await members(campaign, source, page.resume_token) == whole[read:]


async def index(campaign, source: DataSource, after: str | None = None):
    pages = campaign.read_index(IndexRequest(source=source, after=after))
    return [row async for page in pages for row in page.entries.columns.to_pylist()]


async def test_the_index_of_visitor_ids_holds_every_tracking_log(campaign, sql):
    found = [
        (row["id"], row["target"], row["last_seen"].strftime("%Y-%m-%d %H:%M:%S"), row["opted_out"])
        for row in await index(campaign, VISITOR)
    ]
    logs = sql(
        "SELECT source_id, recipient_id, substr(log_date, 1, 19), blackList FROM tracking_log"
        " JOIN recipient ON recipient.id = recipient_id ORDER BY tracking_log.id"
    )
    assert found == [(id_, str(owner), seen, bool(opted_out)) for id_, owner, seen, opted_out in logs]


async def test_the_index_of_an_attribute_holds_every_recipient(campaign, sql):
    found = [(row["id"], row["target"], row["opted_out"]) for row in await index(campaign, EMAIL)]
    recipients = sql("SELECT nullif(email, ''), id, blackList FROM recipient ORDER BY id")
    assert found == [(email, str(key), bool(opted_out)) for email, key, opted_out in recipients]


@pytest.mark.usefixtures("small_batches")
async def test_reading_the_index_goes_on_exactly_behind_each_page(campaign):
    pages = [page async for page in campaign.read_index(IndexRequest(source=VISITOR))]
    whole = await index(campaign, VISITOR)
    read = 0
    for page in pages[:4]:
        read += len(page.entries)
        assert await index(campaign, VISITOR, page.resume_token) == whole[read:]


async def test_writing_twice_changes_nothing(campaign, gold):
    again = await campaign.write_members(change(gold))
    assert (again.accepted, again.refused) == (len(gold), ())
    assert (await campaign.get_audience("gold")).size == len(gold)


async def test_removing_leaves_the_others_and_the_recipients(campaign, sql, gold):
    leavers, stayers = gold[:120], gold[120:]
    for _ in range(2):
        assert (await campaign.remove_members(change(leavers))).accepted == len(leavers)
    assert sql("SELECT recipient_id FROM membership ORDER BY recipient_id") == [(key,) for key in stayers]
    assert sql("SELECT count(*) FROM recipient") == [(RECIPIENTS,)]


async def test_a_refused_recipient_is_named_by_its_position_and_the_others_are_written(campaign, sandbox, sql):
    await campaign.create_audience("gold", "Gold")
    recipients = [key for (key,) in sql("SELECT id FROM recipient ORDER BY id LIMIT 50")]
    sandbox.instance.campaign.faults.refuse_recipients = {str(recipients[3]), str(recipients[40])}
    result = await campaign.write_members(change(recipients))
    assert (result.accepted, [refusal.index for refusal in result.refused]) == (48, [3, 40])
    assert sql("SELECT count(*) FROM membership") == [(48,)]


@pytest.mark.parametrize("as_403", [True, False])
async def test_an_expired_session_is_not_noticed(campaign, sandbox, as_403):
    await campaign.create_audience("gold", "Gold")
    sandbox.instance.campaign.faults.session_as_403 = as_403
    sandbox.instance.campaign.sessions.expire_all()
    assert (await campaign.get_audience("gold")).title == "Gold"


@pytest.mark.parametrize("as_403", [True, False])
async def test_a_wrong_password_is_an_auth_error(connector_to, sandbox, as_403):
    sandbox.instance.campaign.faults.login_as_403 = as_403
    campaign = await connector_to(sandbox.ready["campaign"]["url"])
    with pytest.raises(AuthError, match="refused user and password"):
        await campaign.get_audience("gold")


async def test_an_attribute_that_campaign_does_not_know_is_permanent_with_a_remedy(campaign, gold):
    assert gold
    source = DataSource(name="loyalty", id_type="declared_id", reconciliation_key="@loyalty")
    with pytest.raises(Permanent, match="XTK-170036") as raised:
        await members(campaign, source)
    assert "reconciliation key" in raised.value.remedy


async def wrong(campaign) -> list[tuple[Severity, str]]:
    return [(each.severity, each.path) for each in await campaign.check()]


async def test_check_finds_nothing_wrong(campaign):
    assert await wrong(campaign) == []


async def test_check_finds_an_opt_out_attribute_that_is_not_there(connector_to, sandbox, campaign):
    ready = sandbox.ready["campaign"]
    other = await connector_to(
        ready["url"], user=ready["user"], password="env:CAMPAIGN_PASSWORD", opt_out_attributes=["@noSuchFlag"]
    )
    assert await wrong(campaign) == []
    assert await wrong(other) == [(Severity.ERROR, "opt_out_attributes")]


async def test_ims_tokens_open_campaign_and_are_replaced_when_they_expire(connector_to, context, sandbox, monkeypatch):
    ims = sandbox.ready["ims"]
    monkeypatch.setenv("IMS_SECRET", ims["client_secret"])
    settings = {"url": ims["url"], "client_id": ims["client_id"], "client_secrets": ("env:IMS_SECRET",)}
    context.providers["ims"] = ImsTokens(ImsSettings.model_validate(settings), context)
    campaign = await connector_to(sandbox.ready["campaign"]["url"], credentials="ims")
    assert await wrong(campaign) == []
    sandbox.instance.clock.advance(timedelta(days=2))
    assert (await campaign.create_audience("gold", "Gold")).id == "gold"


async def test_a_session_that_ended_after_its_day_is_renewed(campaign, sandbox):
    await campaign.create_audience("gold", "Gold")
    sandbox.instance.clock.advance(timedelta(days=2))
    assert (await campaign.get_audience("gold")).id == "gold"
