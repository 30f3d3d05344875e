"""Audiences between Real-Time CDP and Campaign, by each way that there is, with every count known beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.accounts import counted, reasons
from tests.e2e.beside_audience_manager import SETTINGS, Gateway, call_adobe, get, leave, post, started_gateway
from tests.e2e.beside_platform import (
    FOLDER,
    PLATFORM,
    UNTIL_EXPORTED,
    Gold,
    began,
    change_recipients,
    emails_in,
    half_a_day_off,
    keys,
    population,
    segments_of,
    share_with_audience_manager,
    started_sandbox,
)
from tests.e2e.outbound_files import destination_of_visitor_ids, reach_the_next_transfer, transferred
from tests.e2e.three_systems import Campaign, Story, members
from tests.e2e.waiting import until
from tests.object_stores import S3Server

OPTED_OUT, MOVED = 2, 1
SHARING_HOURS = 4


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    """A bucket of the test's own."""
    name = f"crm-{uuid4().hex}"
    s3_server.create(name)
    return name


@pytest.fixture
def sandbox(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    s3_server: S3Server,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[dict[str, Any]]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with started_sandbox(tmp_path, bucket, *getattr(request, "param", ())) as ready:
        yield ready


@pytest.fixture
def destination(sandbox: dict[str, Any]) -> int:
    return destination_of_visitor_ids(sandbox)


@pytest.fixture
def gateway(tmp_path: Path, sandbox: dict[str, Any], destination: int, bucket: str) -> Iterator[Gateway]:
    places = {**sandbox, "start_time": half_a_day_off(sandbox), "bucket": bucket}
    with started_gateway(tmp_path, places, SETTINGS + PLATFORM, rule=38891, destination=destination) as gateway:
        yield gateway


@pytest.fixture
def story(tmp_path: Path, sandbox: dict[str, Any]) -> Story:
    """A list of recipients of every kind that Campaign itself has made."""
    story = Story.of(Campaign.read(tmp_path / "sandbox"))
    leave(sandbox, "importFiles", "start.csv", ["id", *map(str, sorted(story.start))])
    post(sandbox, "workflows/wkfAudienceImport/events", {"fileName": "start.csv", "listName": "start"})
    until(lambda: members(tmp_path / "sandbox", "start") == story.start)
    return story


def emails_of(story: Story, told: frozenset[int]) -> frozenset[str]:
    """The e-mail addresses of recipients, as the platform has them, and of whom they share a device with."""
    together = {one for owners in story.campaign.owners.values() if owners & told for one in owners} | told
    return frozenset(story.campaign.emails[one].strip().lower() for one in together) - {""}


@pytest.mark.slow
@pytest.mark.parametrize("data_source", ["email", "email-sha256"])
def test_an_audience_of_the_platform_becomes_a_list_by_a_file(
    gateway: Gateway, s3_server: S3Server, data_source: str
) -> None:
    directory, bucket = gateway.directory, gateway.sandbox["bucket"]
    facts = get(gateway.sandbox, "platform/facts")
    audience, gold = facts["audience"]["id"], Gold.on(1, population())
    gold.check(facts["days"][1])
    # The first share has it activated, and finds no file yet; the platform exports it when that is due.
    share = ("share", f"rtcdp/{audience}", "campaign/gold", "--data-source", data_source)
    assert "there is no complete export" in gateway.cli(*share)["transfer"]["failure"]["message"]
    assert not keys(s3_server, bucket)
    gateway.advance(UNTIL_EXPORTED.total_seconds() / 3600)
    assert {key.partition("/")[0] for key in keys(s3_server, bucket)} == {FOLDER}
    # Meanwhile some opt out in Campaign, and one gets another e-mail there.
    known = sorted(gold.members - gold.without_email - gold.odd_email)
    opted_out, moved = known[:OPTED_OUT], known[OPTED_OUT : OPTED_OUT + MOVED]
    change_recipients(directory, "blackList = 1", opted_out)
    change_recipients(directory, "email = 'moved@example.net'", moved)
    recipients = Campaign.read(directory / "sandbox").emails.keys()

    _, receipt = gateway.share(f"rtcdp/{audience}", "campaign/gold", data_source)
    end = gold.members - gold.without_email - {*opted_out, *moved}
    assert receipt["rows_read"] == len(gold.members)
    assert reasons(receipt) == counted(
        delivered__added=len(end),
        unmatched__no_id=len(gold.without_email),
        unmatched__unknown_id=MOVED,
        suppressed__opted_out=OPTED_OUT,
    )
    assert receipt["snapshot"] == {"members_before": 0, "members_after": len(end)}
    assert members(directory / "sandbox", "gold") == end

    # A day later some have come and as many have gone.
    gateway.advance(24)
    next_day = Gold.on(2, population())
    next_day.check(get(gateway.sandbox, "platform/facts")["days"][2])
    _, receipt = gateway.share(f"rtcdp/{audience}", "campaign/gold", data_source)
    stayed, gone = end & next_day.members, end - next_day.members
    come = next_day.members - gold.members - next_day.without_email
    assert reasons(receipt) == counted(
        delivered__added=len(come),
        unchanged__already_member=len(stayed),
        unmatched__no_id=len(next_day.without_email),
        unmatched__unknown_id=len(next_day.members & {*moved}),
        suppressed__opted_out=len(next_day.members & {*opted_out}),
    )
    assert (receipt["removals"]["leavers"], receipt["removals"]["removed"]) == (len(gone), len(gone))
    assert come
    assert gone
    assert members(directory / "sandbox", "gold") == stayed | come
    emails = Campaign.read(directory / "sandbox").emails
    # Nobody whom Campaign does not know is made a recipient: who they are is only reported.
    assert Campaign.read(directory / "sandbox").emails.keys() == recipients
    log = (directory / "gateway.log").read_text().lower()
    assert not [one for one in end if emails[one].strip().lower() in log]


def test_the_audience_has_somebody_of_every_kind() -> None:
    gold = Gold.on(1, population())
    assert gold.without_email
    assert gold.odd_email


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sandbox", "backfills"), [((), False), (("platform.sharing_backfills=true",), True)], indirect=["sandbox"]
)
def test_an_audience_of_the_platform_becomes_a_list_by_audience_manager(
    gateway: Gateway, s3_server: S3Server, destination: int, *, backfills: bool
) -> None:
    sandbox, directory = gateway.sandbox, gateway.directory
    audience = get(sandbox, "platform/facts")["audience"]["id"]
    share_with_audience_manager(sandbox, audience)
    # It is not read from files any more: by both ways it would be imported twice.
    refused = gateway.cli("share", f"rtcdp/{audience}", "campaign/gold", "--data-source", "email")
    assert "would be imported twice" in refused["transfer"]["failure"]["message"]
    # In Audience Manager somebody maps its segment to the destination of Visitor IDs.
    until(lambda: len(segments_of(sandbox, audience)) == 1)
    (segment,) = segments_of(sandbox, audience)
    body = {"sid": segment["sid"], "startDate": "2026-01-01", "traitAlias": str(segment["sid"])}
    call_adobe(sandbox, f"/v1/destinations/{destination}/mappings", body)
    gateway.advance(2 * 24 + SHARING_HOURS + 1)
    due = reach_the_next_transfer(gateway)

    day = (due - timedelta(hours=SHARING_HOURS) - began(directory)) // timedelta(days=1)
    gold = Gold.on(day, population())
    gold.check(get(sandbox, "platform/facts")["days"][day])
    # Without e-mail they come, too. Who was in the audience before comes only if that is told of afterwards.
    told = gold.members if backfills else gold.members - Gold.on(0, population()).members
    visitor_ids = transferred(sandbox, destination, due)
    assert sorted(visitor_ids) == sorted(population().visitor_ids[one] for one in told)
    opted_out = sorted(told)[:OPTED_OUT]
    change_recipients(directory, "blackList = 1", opted_out)
    (shown,) = (one for one in gateway.cli("audiences", "list", "people") if one["title"] == segment["name"])
    assert (shown["origin"], shown["size"]) == ("Adobe Experience Platform Audience Sharing", str(len(told)))
    _, receipt = gateway.share(f"people/segment-{segment['sid']}", "campaign/gold", "visitor-id")
    assert receipt["rows_read"] == len(told)
    assert reasons(receipt) == counted(delivered__added=len(told) - OPTED_OUT, suppressed__opted_out=OPTED_OUT)
    assert members(directory / "sandbox", "gold") == told - {*opted_out}
    assert not keys(s3_server, sandbox["bucket"])
    log = (directory / "gateway.log").read_text()
    assert not [one for one in visitor_ids if one in log]


@pytest.mark.slow
def test_a_list_becomes_an_external_audience_of_the_platform(
    gateway: Gateway, story: Story, s3_server: S3Server
) -> None:
    directory, bucket = gateway.directory, gateway.sandbox["bucket"]
    transfer, receipt = gateway.share("campaign/start", "rtcdp/shared_list", "email")
    assert receipt["rows_read"] == len(story.start)
    assert reasons(receipt) == counted(
        delivered__added=len(story.told),
        unmatched__no_id=len(story.without_email),
        suppressed__opted_out=len(story.opted_out),
    )
    assert keys(s3_server, bucket) == ["shared/shared_list.csv"]
    # The platform reads the file and tells its profiles; who is on a device of two is there with the other one.
    arrived = gateway.await_arrival(transfer, "ingested")
    assert (arrived["rows"], arrived["members"], arrived["skipped"]) == (len(story.told), len(story.told), 0)
    gateway.await_arrival(transfer, "in_profiles")
    assert gateway.arrivals(transfer)["leavers_gone"]["state"] == "ARRIVAL_STATE_PENDING"
    assert emails_in(directory, "shared_list") == emails_of(story, story.told)

    # One opts out: the platform is not told, and lets go when the membership is over that nothing renews.
    gateway.advance(20 * 24)
    leaver = min(one for one in story.told if story.campaign.has_one_device_alone(one))
    change_recipients(directory, "blackList = 1", [leaver])
    transfer, receipt = gateway.share("campaign/start", "rtcdp/shared_list", "email")
    assert reasons(receipt) == counted(
        unchanged__already_member=len(story.told) - 1,
        unmatched__no_id=len(story.without_email),
        suppressed__opted_out=len(story.opted_out) + 1,
    )
    assert (receipt["removals"]["leavers"], receipt["removals"]["removed"]) == (1, 1)
    gateway.await_arrival(transfer, "in_profiles")
    assert gateway.arrivals(transfer)["leavers_gone"]["state"] == "ARRIVAL_STATE_PENDING"
    assert emails_in(directory, "shared_list") == emails_of(story, story.told)
    gateway.advance(11 * 24)
    assert emails_in(directory, "shared_list") == emails_of(story, story.told - {leaver})
    log = (directory / "gateway.log").read_text().lower()
    assert not [one for one in emails_of(story, story.told) if one in log]
