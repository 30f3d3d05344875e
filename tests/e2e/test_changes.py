"""Changes become changes of a list: out of files of Real-Time CDP on S3, and out of Audience Manager's `iter` files."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from processes import started

from tests.e2e.accounts import counted, reasons
from tests.e2e.beside_audience_manager import DECLARED, SETTINGS, Gateway, call_adobe, get, leave, started_gateway
from tests.e2e.three_systems import members
from tests.object_stores import S3Server

DESTINATION = 4711
PEOPLE = 10
CHANGES = """
aam_destination_id = {destination}

[data_sources.email]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"

[connections.rtcdp]
connector = "rtcdp"
[connections.rtcdp.settings]
url = "{platform[url]}"
credentials = "ims"
[connections.rtcdp.settings.files]
bucket = "s3://{bucket}"
name = "%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
settle_seconds = 0
changes_only = ["{audience}"]
[connections.rtcdp.settings.files.id_columns]
declared_id = "personalEmail.address"
"""
Deliver = Callable[[int, Sequence[str], Sequence[str]], None]


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"changes-{uuid4().hex}"
    s3_server.create(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return name


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, Any]]:
    arguments = ["sandbox", "--recipients", "200", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield {**ready, "audience": get(ready, "platform/facts")["audience"]["id"]}


@pytest.fixture
def gateway(tmp_path: Path, sandbox: dict[str, Any], bucket: str) -> Iterator[Gateway]:
    outbound = "[connections.aam.settings.outbound]\n"
    settings = SETTINGS.replace(outbound, f'{outbound}sync_mode = "iter"\ncheck_mapping = false\n').rstrip() + CHANGES
    places = {**sandbox, "bucket": bucket}
    with started_gateway(tmp_path, places, settings, rule=38891, destination=DESTINATION) as gateway:
        yield gateway


@pytest.fixture
def people(tmp_path: Path, sandbox: dict[str, Any]) -> dict[str, int]:
    """Recipients who may be written to, by addresses that only they have."""
    query = f"""
        SELECT email, min(id) FROM recipient WHERE blackList = 0 AND email LIKE '%@%' AND email = trim(lower(email))
        GROUP BY email HAVING count(*) = 1 LIMIT {PEOPLE + 2}"""
    with closing(sqlite3.connect(f"file:{tmp_path / 'sandbox' / 'campaign.sqlite'}?mode=ro", uri=True)) as database:
        return dict(database.execute(query))


def exported(server: S3Server, bucket: str, audience: str) -> Deliver:
    """Leaves exports as the platform does: who qualified, and who exited."""

    def deliver(day: int, come: Sequence[str], gone: Sequence[str]) -> None:
        rows = [f"{one},realized" for one in come] + [f"{one},exited" for one in gone]
        content = "\n".join(["personalEmail.address,segmentMembership.status", *rows, ""]).encode()
        with closing(server.client()) as client:
            client.put_object(Bucket=bucket, Key=f"{audience}_2026010{day}_010000.csv", Body=content)

    return deliver


def published(sandbox: dict[str, Any], segment: int) -> Deliver:
    """Leaves `iter` files as Audience Manager does: digests with segments that they are in, and that they left."""

    def deliver(day: int, come: Sequence[str], gone: Sequence[str]) -> None:
        lines = [f"{hashlib.sha256(one.encode()).hexdigest()}\t1,{segment}\t7" for one in come]
        lines += [f"{hashlib.sha256(one.encode()).hexdigest()}\t1\t{segment},7" for one in gone]
        leave(sandbox, "audienceManagerOutbound", f"S3_{DESTINATION}_{DECLARED}_iter_176722560000{day}.sync", lines)

    return deliver


@pytest.mark.slow
def test_who_joins_and_who_leaves_is_told_by_changes_applied_to_a_list_and_taken_back(
    gateway: Gateway, sandbox: dict[str, Any], s3_server: S3Server, bucket: str, people: dict[str, int]
) -> None:
    segment = made_segment(sandbox)
    first, later = list(people)[:PEOPLE], list(people)[PEOPLE:]
    for source, data_source, deliver in (
        (f"rtcdp/{sandbox['audience']}", "email", exported(s3_server, bucket, sandbox["audience"])),
        (f"aam/segment-{segment}", "email-sha256", published(sandbox, segment)),
    ):
        target = source.partition("/")[0]
        share = ("share", source, f"campaign/{target}", "--data-source", data_source)
        deliver(1, [*first, "nobody@example.net"], [])
        refused = gateway.cli(*share)["transfer"]["failure"]
        assert "not its members, but who has joined and left" in refused["message"]

        receipt = receipt_of(gateway.cli(*share, "--mode", "delta"))
        assert reasons(receipt) == counted(delivered__added=PEOPLE, unmatched__unknown_id=1)
        assert held(gateway, target) == {people[one] for one in first}

        # Three leave, one of whom comes back; two others come, and somebody leaves who was never there.
        deliver(2, later, [*first[:3], "stranger@example.net"])
        deliver(3, first[:1], [])
        transfer = gateway.cli(*share, "--mode", "delta")
        receipt = receipt_of(transfer)
        # Of all rows: those of day 1 about the three, and that one of them had left on day 2, no longer count.
        assert receipt["rows_read"] == (PEOPLE + 1) + (2 + 3 + 1) + 1
        assert reasons(receipt) == counted(
            delivered__added=2,
            delivered__removed=2,
            unchanged__already_member=PEOPLE - 2,
            unmatched__unknown_id=2,
            duplicate__superseded=3 + 1,
        )
        assert (receipt["mode"], receipt["removals"]["removed"]) == ("delta", 2)
        assert receipt["snapshot"] == {"members_before": PEOPLE, "members_after": PEOPLE}
        assert held(gateway, target) == {people[one] for one in [*first[:1], *first[3:], *later]}

        name = transfer["transfer"]["name"].partition("/")[2]
        receipt = receipt_of(gateway.cli("transfers", "undo", name))
        assert reasons(receipt) == counted(delivered__added=2, delivered__removed=2)
        assert held(gateway, target) == {people[one] for one in first}
    log = (gateway.directory / "gateway.log").read_text()
    assert [one for one in people if one in log] == []


def made_segment(sandbox: dict[str, Any]) -> int:
    """Makes a segment in Audience Manager, as people do."""
    owned = {"name": "Changes", "dataSourceId": DECLARED, "folderId": 0}
    trait = call_adobe(sandbox, "/v1/traits/", {**owned, "traitType": "ON_BOARDED_TRAIT"})
    made: int = call_adobe(sandbox, "/v1/segments/", {**owned, "segmentRule": f"{trait['sid']}T"})["sid"]
    return made


def receipt_of(shared: dict[str, Any]) -> dict[str, Any]:
    """The receipt of a transfer."""
    receipt: dict[str, Any] = json.loads(shared["receipt"]["canonical_json"])
    return receipt


def held(gateway: Gateway, name: str) -> set[int]:
    """Who is in a list of Campaign's."""
    return set(members(gateway.directory / "sandbox", name))
