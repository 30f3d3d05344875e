"""Addresses in upper case: the match report says what they would match by, and following it they do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

SETTINGS = """
[data_sources.email-as-is]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "exact"
personal_data = true

[connections.campaign]
"""


@pytest.fixture
def addresses(systems) -> list[str]:
    """Addresses in lower case of recipients who have not opted out and have an address of their own."""
    query = """SELECT min(email) FROM recipient WHERE email LIKE '%_@_%'
        GROUP BY lower(trim(email)) HAVING count(*) = 1 AND max(blackList) = 0 AND min(email) = lower(trim(min(email)))
        ORDER BY min(id) LIMIT 20"""
    file = f"file:{systems.directory / 'sandbox' / 'campaign.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as database:
        return [address for (address,) in database.execute(query)]


def test_addresses_in_upper_case_would_match_lower_cased(gateway, addresses):
    upper = [address.upper() for address in addresses]
    ids = [*upper, *addresses[:3], "nobody@nowhere.example"]
    (gateway.state / "lists" / "upper.csv").write_text("\n".join(["personalEmail_address", *ids, ""]))
    gateway.start(**{"\n[connections.campaign]\n": SETTINGS})

    receipt = gateway.receipt("files/upper.csv", "campaign/upper", "--data-source", "email-as-is")
    transfer = receipt["transfer"].removeprefix("transfers/")
    shown = gateway.cli("transfers", "match-report", transfer)
    report = json.loads(gateway.cli("transfers", "match-report", transfer, "--json").stdout)

    assert receipt["reasons"]["unmatched"] == {"unknown_id": 21}
    assert {count["match"].removeprefix("MATCH_CLASS_"): int(count["rows"]) for count in report["counts"]} == {
        "MATCHED": 3,
        "UNMATCHED": 21,
        "INVALID": 0,
        "NOT_JUDGED": 0,
    }
    assert (report["trial"], report["rows_tried"], report["rows_matching_now"]) == (
        "MATCH_TRIAL_STATE_TRIED",
        "21",
        "0",
    )
    would_match = {one["condition"]: int(one["rows"]) for one in report["would_match"]}
    assert would_match["the ids were lower-cased"] == would_match["the recipe were `email@1`"] == 20
    assert would_match["the data source were `email`"] == 20
    assert "would match if" in shown.stdout
    assert "the ids were lower-cased" in shown.stdout

    explained = gateway.cli(
        "identities", "explain", upper[0], "--connection", "campaign", "--data-source", "email-as-is"
    )
    assert "unknown_id" in explained.stdout
    assert "the data source were `email`" in explained.stdout
    said = shown.stdout + explained.stdout + json.dumps(report) + gateway.log
    assert [address for address in (*upper, *addresses) if address in said] == []

    followed = gateway.receipt("files/upper.csv", "campaign/followed", "--data-source", "email")
    assert followed["reasons"]["delivered"] == {"added": 20}
