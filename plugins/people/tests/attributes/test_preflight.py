"""What is found about an attribute source, and how far its uploads have got."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.sdk import Severity
from audience_gateway_people.attributes import CustomerAttributesSettings, checks
from pydantic import ValidationError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
KEY = "transfer/add-00000"
BASE = "crm_transfer_add-00000_6330464af740c63c"
HEADER = b"id,tier,visits,spent\n"


def written(source, key, content=b"", *, ago=timedelta()):
    source.put(key, content)
    at = (NOON - ago).timestamp()
    os.utime(source.account / key, (at, at))


async def found(source, **settings):
    findings = await source.connector(**settings).check()
    return [(finding.severity, finding.path, finding.summary) for finding in findings]


async def test_a_sound_source_has_no_findings(source):
    written(source, "processed/crm_1.csv", HEADER + b"1,gold,2,3.50\n")
    assert await found(source) == []


async def test_a_data_file_without_fin_is_told_of_once_its_upload_should_be_over(source):
    written(source, "crm_1.csv", HEADER, ago=timedelta(minutes=5))
    assert await found(source) == []
    written(source, "crm_1.csv", HEADER, ago=timedelta(minutes=15))
    [(severity, path, summary)] = await found(source)
    assert (severity, path) == (Severity.WARNING, "bucket")
    assert "1 data files have no `.fin`" in summary


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (HEADER + b"1,gold,2,3\n2,gold\n", "row 2: the row has another number of columns"),
        (HEADER + b'1,"say ""hi""",2,3\n', "row 1: a quote or a backslash is not escaped"),
        (HEADER + b"\xff,gold,2,3\n", "row 1: the row is not UTF-8"),
        (HEADER + b"1,gold,many,3\n", "row 1: The attribute `visits` is no whole number"),
        (b"id,tier\n1,gold\n", "its header is not that of the configured attributes"),
        (HEADER + b"1,gold,2,3\n", "nothing found"),
    ],
)
async def test_a_failed_file_is_looked_into(source, content, finding):
    written(source, "failed/crm_1.csv", content)
    [(severity, _, summary)] = await found(source)
    assert severity is Severity.WARNING
    assert finding in summary


async def test_compressed_files_are_looked_into(source):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("crm_1.csv", HEADER + b"1,gold\n")
    written(source, "failed/crm_1.csv.zip", archive.getvalue())
    written(source, "failed/crm_2.csv.gz", gzip.compress(HEADER + b"1,gold,2,3\n")[:-6], ago=timedelta(hours=1))
    [(_, _, summary)] = await found(source)
    assert "crm_1.csv.zip: row 1" in summary
    assert "crm_2.csv.gz: it is damaged or ends too early" in summary


async def test_files_within_half_an_hour_wait_in_a_slow_queue(source):
    written(source, "processed/crm_1.csv", HEADER, ago=timedelta(minutes=40))
    written(source, "processed/crm_2.csv", HEADER, ago=timedelta(minutes=15))
    [(severity, path, summary)] = await found(source)
    assert (severity, path) == (Severity.INFO, "members_a_file")
    assert "low priority" in summary


async def test_another_schema_than_that_of_the_first_upload_is_an_error(source):
    written(source, "processed/crm_1.csv", b"id,visits,tier,spent\n")
    [(severity, path, _)] = await found(source)
    assert (severity, path) == (Severity.ERROR, "attributes")


async def test_more_attributes_than_an_edition_may_get_are_told_of(source):
    attributes = {f"a{number}": {} for number in range(4)}
    [(severity, path, summary)] = await found(
        source, attributes=attributes, subscriptions=["analytics_select", "analytics_prime"]
    )
    assert (severity, path) == (Severity.WARNING, "subscriptions")
    assert "There are 4 attributes, and `analytics_select` gets 3" in summary


async def test_an_account_that_fills_up_is_told_of(source, monkeypatch):
    monkeypatch.setattr(checks, "SPACE_BYTES", 25)
    written(source, "processed/crm_1.csv", HEADER)
    [(severity, _, summary)] = await found(source)
    assert severity is Severity.WARNING
    assert "The account holds 21 of 25 bytes" in summary


async def test_capitals_in_an_alias_id_are_only_told_of(source):
    [(severity, path, _)] = await found(source, alias_id="CRM")
    assert (severity, path) == (Severity.INFO, "alias_id")


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": {}},
        {"attributes": {f"a{number}": {} for number in range(201)}},
        {"attributes": {"id": {}}},
        {"attributes": {"two words": {}}, "subscriptions": ["target_standard"]},
        {"attributes": {"a": {"type": "date"}}},
        {"alias_id": "two words"},
    ],
)
def test_settings_that_adobe_would_not_take_are_refused(changes):
    values = {"bucket": "file:///x", "alias_id": "crm", "attributes": {"tier": {}}}
    with pytest.raises(ValidationError):
        CustomerAttributesSettings.model_validate(values | changes)


async def test_a_file_that_was_moved_to_processed_has_arrived(source):
    await source.write(("42", "gold", "7", "1"))
    waiting = await source.arrival(KEY)
    source.move(f"{BASE}.csv", "processed")
    arrived = await source.arrival(KEY)
    assert (waiting.reached, waiting.counts["files_waiting"]) == (None, 1)
    assert (arrived.reached, arrived.counts["files_processed"]) == (NOON, 1)


async def test_a_delivery_has_arrived_once_all_its_files_have(source):
    await source.write(("42", "gold", "7", "1"))
    await source.write(("43", "gold", "7", "1"), key="transfer/add-00001")
    source.move(f"{BASE}.csv", "processed")
    half = await source.arrival(KEY, "transfer/add-00001")
    assert (half.reached, half.counts["files_processed"], half.counts["files_waiting"]) == (None, 1, 1)


async def test_a_failed_file_says_which_and_why(source):
    await source.write(("42", "gold", "7", "1"))
    source.move(f"{BASE}.csv", "failed")
    source.put(f"failed/{BASE}.csv", HEADER + b"42,gold\n")
    arrival = await source.arrival(KEY)
    assert arrival.failed
    assert f"{BASE}.csv failed: row 1: the row has another number of columns" in arrival.message


async def test_writes_of_which_everybody_was_refused_are_not_waited_for(source):
    arrival = await source.arrival(KEY, members=0)
    assert arrival.reached == NOON


def test_the_stage_is_overdue_when_the_settings_say_so(source):
    [stage] = source.connector(processed_hours=5).arrival_stages("crm", source.customers)
    assert (stage.name, stage.within) == ("processed", timedelta(hours=5))
