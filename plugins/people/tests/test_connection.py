from __future__ import annotations

from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import Capability, Severity, capabilities
from audience_gateway.sdk.audience_manager.outbound_batches import time_made
from audience_gateway_people import PeopleConnector, PeopleSettings, plugin
from audience_gateway_people.attributes import CustomerAttributesConnector
from pydantic import ValidationError

MINIMAL = {"import_bucket": "file:///in", "export_bucket": "s3://out/partner"}


def test_its_capabilities_are_what_it_implements():
    assert capabilities(PeopleConnector) == {
        Capability.AUDIENCE_CATALOGUE,
        Capability.READ_MEMBERS,
        Capability.WRITE_MEMBERS,
        Capability.REMOVE_MEMBERS,
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
