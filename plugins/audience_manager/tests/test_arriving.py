"""How far a delivery has got: ingested, then visible, or neither."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audience_gateway.sdk import ArrivalRequest, DeliveredWrite

from plugins.audience_manager.tests.conftest import CUSTOMERS, NOON, change

KEY = "t/add-00000"
LATER = NOON + timedelta(hours=13)


def request(*writes, known=()):
    writes = writes or (DeliveredWrite(key=KEY, members=2, time=NOON),)
    return ArrivalRequest(audience="gold", source=CUSTOMERS, writes=writes, delivered=NOON, known=tuple(known))


@pytest.fixture
async def written(gold, connect, tmp_path):
    """A connector that has left a file, and the file."""
    connector = connect()
    await connector.write_members(change("crm-1", "crm-2", key=KEY))
    (path,) = (tmp_path / "in").iterdir()
    return connector, path


def reported(path, **values):
    return {
        "dataFileName": f"partner/{path.name}",
        "recordsReceived": 2,
        "storedRecords": 2,
        "totalRealizedTraits": 2,
        "receivedTime": int(LATER.timestamp() * 1000) - 1000,
        "processedTime": int(LATER.timestamp() * 1000),
    } | values


def test_the_stages_have_the_documented_deadlines(connect):
    stages = connect().arrival_stages("gold", CUSTOMERS)
    assert [(stage.name, stage.within) for stage in stages] == [
        ("ingested", timedelta(hours=24)),
        ("visible", timedelta(hours=48)),
    ]


async def test_a_file_that_nobody_has_reported_is_not_ingested(written):
    (ingested,) = await written[0].poll_arrivals(request())
    assert (ingested.stage, ingested.reached, ingested.failed) == ("ingested", None, False)


async def test_a_file_is_ingested_when_the_onboarding_status_says_so_and_counts_are_told(gold, written, context):
    connector, path = written
    gold.inbound = [reported(path, storedRecords=1, noMatchingAAMId=1)]
    ingested, visible = await connector.poll_arrivals(request())
    assert ingested.reached == LATER
    assert ingested.counts == {
        "records_received": 2,
        "stored_records": 1,
        "no_matching_aam_id": 1,
        "total_realized_traits": 2,
        "population_when_ingested": 7,
    }
    assert ingested.message == "Audience Manager has stored 1 of 2 records that it received."
    assert (visible.reached, dict(visible.counts)) == (None, {"population": 7})


async def test_a_file_that_is_marked_as_processed_is_ingested_without_a_report(written):
    connector, path = written
    path.rename(path.with_name(f"{path.name}.processed"))
    ingested, _ = await connector.poll_arrivals(request())
    assert ingested.reached is not None


@pytest.mark.parametrize("status", [403, 404])
async def test_an_onboarding_status_that_may_not_be_read_leaves_the_mark_of_the_file(gold, written, status):
    connector, path = written
    path.rename(path.with_name(f"{path.name}.processed"))
    gold.answers = [gold.says("{}", status)]
    assert (await connector.poll_arrivals(request()))[0].reached is not None


async def test_a_file_that_is_reported_and_marked_is_one_file(gold, written):
    connector, path = written
    gold.inbound = [reported(path)]
    path.rename(path.with_name(f"{path.name}.processed"))
    assert (await connector.poll_arrivals(request()))[0].reached == LATER


async def test_a_file_that_is_being_worked_on_is_not_ingested_yet(gold, written):
    connector, path = written
    gold.inbound = [reported(path, processedTime=None)]
    (ingested,) = await connector.poll_arrivals(request())
    assert (ingested.reached, ingested.counts["records_received"]) == (None, 2)


async def test_every_write_has_to_be_ingested_but_those_in_doubt(gold, written):
    connector, path = written
    gold.inbound = [reported(path)]
    first = DeliveredWrite(key=KEY, members=2, time=NOON)
    other = DeliveredWrite(key="t/add-00001", members=5, time=NOON)
    doubtful = DeliveredWrite(key="t/add-00002", members=5, time=NOON, in_doubt=True)
    assert len(await connector.poll_arrivals(request(first, other))) == 1
    assert len(await connector.poll_arrivals(request(first, doubtful))) == 2


async def test_files_of_other_transfers_do_not_count(gold, written, connect):
    connector, path = written
    gold.inbound = [reported(path)]
    (ingested,) = await connector.poll_arrivals(request(DeliveredWrite(key="u/add-00000", members=2, time=NOON)))
    assert ingested.reached is None


@pytest.mark.parametrize("failure", [{"success": False}, {"status": "failed"}])
async def test_a_file_that_failed_never_arrives(gold, written, failure):
    connector, path = written
    gold.inbound = [reported(path, **failure)]
    (ingested,) = await connector.poll_arrivals(request())
    assert ingested.failed
    assert "onboarding status" in ingested.remedy


async def test_members_of_whom_nobody_was_stored_are_never_visible(gold, written):
    connector, path = written
    gold.inbound = [reported(path, storedRecords=0, invalidDeviceId=2)]
    _, visible = await connector.poll_arrivals(request())
    assert visible.failed
    assert "none of the records" in visible.message


async def test_members_are_visible_once_the_trait_has_been_counted_again(gold, written, context):
    connector, path = written
    gold.inbound = [reported(path)]
    first = await connector.poll_arrivals(request())
    gold.objects["traits"][1024]["uniques30Day"] = 9
    context.time = LATER
    _, visible = await connector.poll_arrivals(request(known=first))
    assert (visible.reached, dict(visible.counts)) == (LATER, {"population": 9})


async def test_members_are_visible_after_the_documented_time_unless_the_trait_is_empty(gold, written, context):
    connector, path = written
    gold.inbound = [reported(path)]
    first = await connector.poll_arrivals(request())
    context.time = LATER + timedelta(hours=48)
    assert (await connector.poll_arrivals(request(known=first)))[1].reached == context.time
    gold.objects["traits"][1024]["uniques30Day"] = 0
    first = await connector.poll_arrivals(request())
    assert (await connector.poll_arrivals(request(known=first)))[1].reached is None


async def test_a_population_that_is_not_told_is_no_sign(gold, written, context):
    connector, path = written
    del gold.objects["traits"][1024]["uniques30Day"]
    gold.inbound = [reported(path)]
    context.time = LATER + timedelta(hours=48)
    assert (await connector.poll_arrivals(request()))[1].reached is None


async def test_what_went_into_no_file_is_there_at_once(gold, connect):
    connector = connect(dcs={"url": "http://127.0.0.1:9", "most_members": 3})
    ingested, _ = await connector.poll_arrivals(request())
    assert ingested.reached == NOON
    (large,) = await connector.poll_arrivals(request(DeliveredWrite(key=KEY, members=4, time=NOON)))
    assert large.reached is None
