from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import (
    ArrivalRequest,
    Capability,
    ConfigError,
    DataSource,
    DeliveredWrite,
    Permanent,
    Severity,
    capabilities,
)
from audience_gateway.sdk.audience_manager.outbound_batches import time_made
from audience_gateway_people import PeopleConnector, PeopleSettings, plugin
from audience_gateway_people.attributes import CustomerAttributesConnector
from pydantic import ValidationError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MINIMAL = {"import_bucket": "file:///in", "export_bucket": "s3://out/partner"}


def test_its_capabilities_are_what_it_implements():
    assert capabilities(PeopleConnector) == {
        Capability.AUDIENCE_CATALOGUE,
        Capability.READ_MEMBERS,
        Capability.WRITE_MEMBERS,
        Capability.REMOVE_MEMBERS,
        Capability.CREATE_AUDIENCE,
        Capability.POLL_ARRIVALS,
    }


def test_the_plugin_registers_both_connectors():
    class Registry:
        def __init__(self):
            self.found = {}

        def add_connector(self, spec):
            self.found[spec.name] = spec.connector

    registry = Registry()
    plugin.register_connectors(registry)
    assert registry.found == {"people": PeopleConnector, "customer_attributes": CustomerAttributesConnector}


async def test_the_audiences_are_those_of_the_settings_by_id(people):
    people.deliver("S3_4711_38888_full_1767225600000.sync.gz", b"a\t24")
    found = {audience.id: audience async for audience in people.connector().list_audiences()}
    assert list(found) == ["gold", "read-only", "write-only"]
    gold = found["gold"]
    assert (gold.title, gold.size, gold.updated) == ("Gold customers", None, datetime(2026, 1, 1, tzinfo=UTC))
    assert gold.refreshed == gold.updated
    assert [(audience.readable, audience.writable) for audience in found.values()] == [
        (True, True),
        (True, False),
        (False, True),
    ]


async def test_an_audience_is_found_by_its_id_and_no_other_way(people):
    connector = people.connector()
    assert (await connector.get_audience("read-only")).title == "read-only"
    assert await connector.get_audience("24") is None


@pytest.mark.parametrize(
    ("digits", "timestamp", "expected"),
    [
        (10, 1767225600, datetime(2026, 1, 1, tzinfo=UTC)),
        (13, 1767225600500, datetime(2026, 1, 1, microsecond=500_000, tzinfo=UTC)),
        (14, 20260101123000, datetime(2026, 1, 1, 12, 30, tzinfo=UTC)),
        (14, 20261301123000, None),
    ],
)
def test_a_timestamp_has_the_meaning_of_its_digits(digits, timestamp, expected):
    assert time_made(timestamp, digits) == expected


async def test_a_sound_connection_has_no_findings(people):
    people.deliver("S3_4711_38888_full_1767225600000.sync.gz", b"a\t24")
    assert await people.connector().check() == []


async def test_a_connection_without_audience_or_batch_is_warned_of(people):
    findings = await people.connector(audiences={}).check()
    assert [(finding.severity, finding.path) for finding in findings] == [
        (Severity.WARNING, "audiences"),
        (Severity.WARNING, "import_bucket"),
    ]


async def test_an_incomplete_batch_is_warned_of(people):
    people.deliver("S3_4711_38888_full_1767225600000002.sync.gz", b"a\t24")
    (finding,) = await people.connector().check()
    assert "do not follow one another" in finding.summary


async def test_a_batch_that_is_older_than_it_may_be_is_warned_of(people):
    people.deliver("S3_4711_38888_full_1767225600000.sync.gz", b"a\t24")
    people.desk.time = datetime(2026, 1, 2, 13, tzinfo=UTC)
    (finding,) = await people.connector().check()
    assert (finding.severity, finding.path) == (Severity.WARNING, "import_bucket")
    assert finding.summary == "The newest batch is of 2026-01-01 00:00 UTC, and one should come within 36 hours."
    assert await people.connector(arrival={"import_hours": 60}).check() == []


async def test_files_that_are_not_taken_in_time_are_warned_of(people):
    people.deliver("S3_4711_38888_full_1767225600000.sync.gz", b"a\t24")
    await people.write("a", key="t/add-00000")
    await people.write("b", key="t/add-00001")
    taken, left = sorted(people.exports.iterdir())
    taken.rename(taken.with_name(f"{taken.name}.processed"))
    old = datetime(2026, 1, 1, 11, tzinfo=UTC).timestamp()
    os.utime(left, (old, old))
    (finding,) = await people.connector().check()
    assert (finding.severity, finding.path) == (Severity.WARNING, "export_bucket")
    assert finding.summary == "1 files have not been taken, the oldest since 2026-01-01 11:00 UTC."


async def test_without_a_library_an_unknown_audience_cannot_be_created(people):
    with pytest.raises(Permanent, match="no such audience") as caught:
        await people.connector().check_destination("new", people.source)
    assert "or set `library`" in caught.value.remedy
    with pytest.raises(ConfigError, match="not set"):
        await people.connector().create_audience("new", "New")


async def test_a_destination_without_trait_or_data_source_is_refused_before_anything_is_read(people):
    with pytest.raises(ConfigError, match="found no id") as caught:
        await people.connector().check_destination("read-only", people.source)
    assert caught.value.place == "connections.people.settings.audiences.read-only.trait_id"
    with pytest.raises(ConfigError, match="which file names bear"):
        await people.connector().check_destination("gold", DataSource(name="bare", id_type="visitor_id"))
    await people.connector().check_destination("gold", people.source)


async def test_without_a_library_a_delivery_has_arrived_when_its_files_were_taken(people):
    await people.write("a", "b")
    write = DeliveredWrite(key="t/add-00000", members=2, time=NOON)
    request = ArrivalRequest(audience="gold", source=people.source, writes=(write,), delivered=NOON)
    connector = people.connector()
    [waiting] = await connector.poll_arrivals(request)
    [file] = people.exports.iterdir()
    file.rename(file.with_name(f"{file.name}.processed"))
    [taken] = await connector.poll_arrivals(request)
    assert [stage.name for stage in connector.arrival_stages("gold", people.source)] == ["ingested"]
    assert (waiting.reached, waiting.failed) == (None, False)
    assert taken.reached is not None


async def test_a_bucket_that_cannot_be_used_is_found(people):
    people.exports.write_text("a file where a directory should be")
    people.deliver("S3_4711_38888_full_1767225600000.sync.gz", b"a\t24")
    (finding,) = await people.connector().check()
    assert (finding.severity, finding.path) == (Severity.ERROR, "export_bucket")


@pytest.mark.parametrize(
    "changes",
    [
        {"import_bucket": None},
        {"audiences": {"gold": {}}},
        {"audiences": {"gold": {"segment_id": -1}}},
        {"audiences": {"a/b": {"segment_id": 1}}},
        {"timestamp_digits": 9},
        {"id_separator": ""},
        {"export_prefix": "/absolute/"},
        {"export_prefix": "no-slash"},
        {"unknown": 1},
    ],
)
def test_settings_that_make_no_sense_are_refused(changes):
    with pytest.raises(ValidationError):
        PeopleSettings.model_validate(MINIMAL | changes)
