"""A day later, leavers are gone from the Campaign list and from the People audience that it is shared back to."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
import urllib.request
from pathlib import Path

THERE = ("people/gold", "campaign/gold", "--data-source", "visitor-id")
BACK = ("campaign/gold", "people/gold", "--data-source", "email-sha256")


def a_day_passes(systems) -> None:
    url = f"{systems.ready['admin']['url']}/sandbox/clock"
    body = json.dumps({"advance_seconds": 86_400}).encode()
    urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"})).close()


def shared_back(systems) -> set[str]:
    """Who is in the trait when the files of the export bucket, also those taken in already, are read in their order."""
    holding: set[str] = set()
    bucket = Path(systems.ready["buckets"]["exportSharedAudience"].removeprefix("file://"))
    for file in sorted(bucket.glob("ftp_dpm_38889_*.gz*")):
        for line in gzip.decompress(file.read_bytes()).decode().splitlines():
            value, item = line.split("\t")
            assert item in {"d_sid=1024", "d_unsid=1024"}
            (holding.add if item == "d_sid=1024" else holding.discard)(value)
    return holding


def hashed_emails(systems) -> set[str]:
    members = systems.members("gold")
    connection = sqlite3.connect(systems.directory / "sandbox" / "campaign.sqlite")
    emails = dict(connection.execute("SELECT id, email FROM recipient"))
    connection.close()
    return {hashlib.sha256(emails[one].strip().lower().encode()).hexdigest() for one in members if emails[one]}


def test_leavers_leave_in_both_directions(own_gateway):
    own_gateway.receipt(*THERE)
    own_gateway.receipt(*BACK)
    before = shared_back(own_gateway.systems)
    assert before == hashed_emails(own_gateway.systems)
    a_day_passes(own_gateway.systems)
    there, back = own_gateway.receipt(*THERE), own_gateway.receipt(*BACK)
    after = shared_back(own_gateway.systems)
    assert after == hashed_emails(own_gateway.systems)
    assert there["removals"]["removed"] > 0
    assert back["removals"]["removed"] == len(before - after) > 0
    assert back["outcomes"]["delivered"] == len(after - before)


def test_sharing_again_writes_nothing_and_says_unchanged(own_gateway):
    own_gateway.receipt(*THERE)
    own_gateway.receipt(*BACK)
    bucket = Path(own_gateway.systems.ready["buckets"]["exportSharedAudience"].removeprefix("file://"))
    files = sorted(bucket.iterdir())
    back = own_gateway.receipt(*BACK)
    assert sorted(bucket.iterdir()) == files
    assert (back["outcomes"]["delivered"], back["outcomes"]["unchanged"]) == (0, len(shared_back(own_gateway.systems)))
