"""External audiences on the sandbox: a file with all members, a run, and members of profiles (rtcdp 1.7)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from audience_gateway.sdk import (
    ArrivalRequest,
    Capability,
    ConfigError,
    DataSource,
    DeliveredWrite,
    Permanent,
    TargetBatch,
    Transient,
    capabilities,
)
from audience_gateway_rtcdp import ExternalConnector

EMAILS = DataSource(name="email", id_type="declared_id")
VISITORS = DataSource(name="visitor-id", id_type="visitor_id")


@pytest.fixture
def connect_files(connect_sandbox, sandbox):
    """Makes a connector that leaves files where the sandbox's platform reads them."""

    def connector(**external):
        values = {
            "bucket": sandbox.ready["platform"]["files"],
            "prefix": "shared/",
            "cloud_type": "DLZ",
            "platform_prefix": "dlz-user-container/",
            "namespaces": {"email": "Email", "visitor_id": "ECID"},
            "poll_seconds": 0.05,
        }
        return connect_sandbox(external=values | external)

    return connector


async def replaced(connector, *ids, audience="gold_customers", source=EMAILS):
    async def batches():
        for id_ in ids:
            yield TargetBatch.of([id_])

    return await connector.replace_members(audience, source, batches(), "transfer/replace-00000")


def delivery(context, audience="gold_customers"):
    write = DeliveredWrite(key="transfer/replace-00000", members=2, time=context.now())
    return ArrivalRequest(audience=audience, source=EMAILS, writes=(write,), delivered=context.now())


async def arrived(connector, request):
    """Asks until members are in profiles, or it has failed."""
    for _ in range(100):
        arrivals = await connector.poll_arrivals(request)
        stages = {each.stage: each for each in arrivals}
        if stages["ingested"].failed or ("in_profiles" in stages and stages["in_profiles"].reached):
            return stages
        await asyncio.sleep(0.05)
    raise AssertionError(arrivals)


def members(sandbox, platform_id):
    """E-mail addresses of those who are in an audience."""
    query = (
        "SELECT i.value FROM membership m JOIN identity i ON i.profile = m.profile"
        " WHERE m.audience = ? AND m.status = 'realized' AND i.namespace = 'Email' ORDER BY 1"
    )
    found = sandbox.instance.platform.work(
        "prod", lambda space: space.database.execute(query, (platform_id,)).fetchall()
    )
    return [value for (value,) in found]


async def platform_id(connector, audience="gold_customers"):
    return (await connector._parts.catalogue.find(audience)).id


def test_it_replaces_and_tells_how_files_arrive():
    assert capabilities(ExternalConnector) >= {Capability.REPLACE_MEMBERS, Capability.POLL_ARRIVALS}


async def test_an_audience_is_made_and_its_members_are_members_of_profiles(connect_files, sandbox, context):
    connector = connect_files()
    await connector.check_destination("gold_customers", EMAILS)
    result = await replaced(connector, "ada@example.org", "bob@example.org")
    assert (result.accepted, result.refused) == (2, ())
    arrivals = await arrived(connector, delivery(context))
    assert arrivals["ingested"].counts["members"] == 2
    assert members(sandbox, await platform_id(connector)) == ["ada@example.org", "bob@example.org"]
    found = await connector.get_audience("gold_customers")
    assert (found.id, found.writable) == ("gold_customers", True)


async def test_a_repeat_after_a_lost_answer_makes_no_second_audience(connect_files, context):
    connector = connect_files()
    await replaced(connector, "ada@example.org")
    await replaced(connector, "ada@example.org")
    await arrived(connector, delivery(context))
    named = [each.id async for each in connector.list_audiences()]
    assert named.count("gold_customers") == 1
    assert len([each async for each in connector._parts.platform.audiences([("name", "gold_customers")])]) == 1


@pytest.mark.parametrize("lost", ["creation", "run"])
async def test_a_lost_answer_makes_no_second_audience(connect_files, sandbox, context, lost):
    connector = connect_files()
    path, before = "/data/core/ais/external-audience/", 0
    if lost == "run":
        await replaced(connector, "ada@example.org")
        await arrived(connector, delivery(context))
        path, before = f"{path}{await platform_id(connector)}/runs", 1  # runs are listed before one is begun
    rule = {"kind": "reply_lost", "path": path, "skip": before, "times": 1}
    sandbox.instance.set_faults({"calls": [rule]})
    with pytest.raises(Transient):
        await replaced(connector, "ada@example.org", "bob@example.org")
    await asyncio.sleep(1)  # the platform goes on with what it was asked for
    await replaced(connector, "ada@example.org", "bob@example.org")
    await arrived(connector, delivery(context))
    assert members(sandbox, await platform_id(connector)) == ["ada@example.org", "bob@example.org"]
    assert len([each async for each in connector._parts.platform.audiences([("name", "gold_customers")])]) == 1


async def test_a_run_that_another_one_was_in_the_way_of_is_begun_when_arrivals_are_asked_for(
    connect_files, sandbox, context
):
    connector = connect_files()
    await replaced(connector, "ada@example.org")
    await asyncio.sleep(1.1)  # files of one second are one file to the platform, whose times are seconds
    await replaced(connector, "ada@example.org", "bob@example.org")
    await arrived(connector, delivery(context))
    assert members(sandbox, await platform_id(connector)) == ["ada@example.org", "bob@example.org"]


async def test_after_ten_ingestions_another_audience_takes_its_place(connect_files, context):
    connector = connect_files(most_ingestions=1)
    await replaced(connector, "ada@example.org")
    first = await platform_id(connector)
    await arrived(connector, delivery(context))
    await replaced(connector, "ada@example.org", "bob@example.org")
    assert await platform_id(connector) != first
    arrivals = await arrived(connector, delivery(context))
    assert "gold_customers$2" in arrivals["ingested"].message
    assert [each.id async for each in connector.list_audiences()].count("gold_customers") == 1


async def test_who_is_not_in_the_file_has_left_when_the_membership_is_over(connect_files, sandbox, context):
    connector = connect_files(ttl_days=2)
    await replaced(connector, "ada@example.org")
    request = delivery(context)
    arrivals = await arrived(connector, request)
    assert arrivals["leavers_gone"].reached is None
    await sandbox.instance.advance(timedelta(days=3))
    assert (await arrived(connector, request))["leavers_gone"].reached == request.delivered + timedelta(days=2)
    assert members(sandbox, await platform_id(connector)) == []


async def test_a_file_that_the_platform_cannot_read_has_failed(connect_files, context):
    connector = connect_files(platform_prefix="elsewhere/")
    await replaced(connector, "ada@example.org")
    arrivals = await arrived(connector, delivery(context))
    assert arrivals["ingested"].failed
    assert arrivals["ingested"].remedy


async def test_golden_an_ecid_of_37_digits_is_not_left_to_be_skipped(connect_files):
    connector = connect_files()
    with pytest.raises(Permanent, match="found 1 ids that Experience Platform would skip"):
        await replaced(connector, "1" * 38, "1" * 37, source=VISITORS)


@pytest.mark.parametrize("id_", ["null", "Anonymous", " ", "x" * 1025])
async def test_ids_that_the_identity_service_blocks_are_an_error(connect_files, id_):
    with pytest.raises(Permanent, match="would skip"):
        await replaced(connect_files(), id_)


async def test_an_id_with_comma_and_quotes_is_one_value(connect_files, sandbox, context):
    connector = connect_files()
    await replaced(connector, 'a"b,c@example.org')
    await arrived(connector, delivery(context))
    assert members(sandbox, await platform_id(connector)) == ['a"b,c@example.org']


async def test_members_of_a_rule_are_not_written(connect_files, sandbox):
    [gold] = [each async for each in connect_files().list_audiences()]
    assert gold.writable is False
    with pytest.raises(Permanent, match="its members come by its rule"):
        await connect_files().check_destination(gold.id, EMAILS)


async def test_an_unknown_namespace_is_told_before_anything_is_written(connect_files):
    with pytest.raises(ConfigError, match="no identity namespace `CRMID`") as caught:
        await connect_files(namespaces={"email": "CRMID"}).check_destination("gold_customers", EMAILS)
    assert caught.value.place == "connections.rtcdp.settings.external.namespaces"


async def test_a_data_source_without_a_namespace_is_told(connect_files):
    with pytest.raises(ConfigError, match="found no identity namespace for ids of `email`"):
        await connect_files(namespaces={}).check_destination("gold_customers", EMAILS)


async def test_namespaces_are_the_same_in_any_letter_case(connect_files):
    await connect_files(namespaces={"email": "EMAIL"}).check_destination("gold_customers", EMAILS)


async def test_without_a_bucket_there_is_no_way_to_write(connect_sandbox):
    with pytest.raises(ConfigError, match="no bucket") as caught:
        await connect_sandbox().check_destination("gold_customers", EMAILS)
    assert caught.value.place == "connections.rtcdp.settings.external.bucket"
