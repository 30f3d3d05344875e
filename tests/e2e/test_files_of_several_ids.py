"""Rows of a file of Real-Time CDP with two ids become members of a list by whichever Campaign knows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from processes import started

from tests.e2e.accounts import counted, reasons
from tests.e2e.beside_audience_manager import SETTINGS, Gateway, get, started_gateway
from tests.e2e.three_systems import members

FILES = """
aam_destination_id = {destination}

[data_sources.email]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"

[data_sources.phone]
id_type = "declared_id"
reconciliation_key = "@mobilePhone"
recipe = "phone"

[data_sources.other]
id_type = "declared_id"
reconciliation_key = "@lastName"

[connections.rtcdp]
connector = "rtcdp"
[connections.rtcdp.settings]
url = "{platform[url]}"
credentials = "ims"
[connections.rtcdp.settings.files]
bucket = "file://{directory}/drops"
name = "%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
settle_seconds = 0
[connections.rtcdp.settings.files.id_columns]
email = "personalEmail.address"
phone = "mobilePhone.number"
"""
PHONE, NEW_PHONE, STRANGER = "+4915112345678", "+4915112345679", "+4915112345670"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, Any]]:
    arguments = ["sandbox", "--recipients", "200", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield {**ready, "audience": get(ready, "platform/facts")["audience"]["id"]}


@pytest.fixture
def gateway(tmp_path: Path, sandbox: dict[str, Any]) -> Iterator[Gateway]:
    with started_gateway(tmp_path, sandbox, SETTINGS.rstrip() + FILES, rule=38891, destination=4711) as gateway:
        yield gateway


@pytest.fixture
def people(tmp_path: Path, sandbox: dict[str, Any]) -> dict[int, str]:
    """Three recipients who may be written to, with their addresses; the last two get phones."""
    query = """
        SELECT min(id), email FROM recipient WHERE blackList = 0 AND email LIKE '%@%' AND email = trim(lower(email))
        GROUP BY email HAVING count(*) = 1 ORDER BY 1 LIMIT 3"""
    with closing(sqlite3.connect(tmp_path / "sandbox" / "campaign.sqlite", timeout=30)) as database, database:
        people = dict(database.execute(query))
        _, second, third = people
        phones = [(PHONE, second), (NEW_PHONE, third)]
        database.executemany("UPDATE recipient SET mobilePhone = ? WHERE id = ?", phones)
    return people


@pytest.mark.slow
def test_each_row_goes_by_the_first_id_that_campaign_knows_and_a_missing_column_is_told_of_before(
    gateway: Gateway, sandbox: dict[str, Any], people: dict[int, str]
) -> None:
    first = next(iter(people.values()))
    rows = [f"{first},{STRANGER}", f",{PHONE}", f"moved@example.net,{NEW_PHONE}", f"nobody@example.net,{STRANGER}"]
    drops = gateway.directory / "drops"
    drops.mkdir(exist_ok=True)
    name = f"{sandbox['audience']}_20260101_010000.csv"
    (drops / name).write_text("\n".join(["personalEmail.address,mobilePhone.number", *rows, ""]))
    share = ("share", f"rtcdp/{sandbox['audience']}", "campaign/gold", "--data-source", "email")
    refused = gateway.cli(*share, "--then-data-source", "other")["transfer"]["failure"]
    assert "found no column for the ids of this data source" in refused["message"]

    shared = gateway.cli(*share, "--then-data-source", "phone")
    receipt = json.loads(shared["receipt"]["canonical_json"])
    assert receipt["rows_read"] == len(rows)
    assert reasons(receipt) == counted(delivered__added=3, unmatched__unknown_id=1)
    assert set(members(gateway.directory / "sandbox", "gold")) == set(people)
    log = (gateway.directory / "gateway.log").read_text()
    assert [one for one in (*people.values(), PHONE, NEW_PHONE) if one in log] == []
