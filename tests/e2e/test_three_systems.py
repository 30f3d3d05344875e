"""A Campaign list goes to Audience Manager by e-mail, and from there through People into another list by Visitor ID.

What differs from one hop to the next is explained by outcomes and reasons, each by a number that is known beforehand.
"""

from __future__ import annotations

import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from processes import started

from tests.e2e.accounts import counted, reasons
from tests.e2e.beside_audience_manager import DECLARED, SETTINGS, Gateway, history, leave, post, started_gateway
from tests.e2e.outbound_files import VISITORS, destination_of_visitor_ids, reach_the_next_transfer, transferred
from tests.e2e.three_systems import MALFORMED, NEW, UNKNOWN, Campaign, Story, members
from tests.e2e.waiting import until

SEED = 1
LAST_AUTHENTICATED = 38891
PEOPLE = """
[data_sources.visitor-id]
id_type = "visitor_id"
reconciliation_key = "[trackingLog/@sourceId]"
aam_data_source_id = 38888
aam_destination_id = {destination}

[connections.people]
connector = "people"
[connections.people.settings]
import_bucket = "{buckets[importSharedAudience]}"
export_bucket = "{buckets[exportSharedAudience]}"
[connections.people.settings.library]
url = "{audience_manager[url]}/v1"
credentials = "ims"
[connections.people.settings.library.onboarding]
data_source_id = {declared}
"""
ERRORS = ("formatErrors", "invalidAamId", "invalidDeviceId", "noMatchingAamId", "noTraitRealized")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, Any]]:
    arguments = ["sandbox", "--recipients", "600", "--seed", str(SEED), "--port", "0"]
    arguments += ["--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield ready


@pytest.fixture
def destination(sandbox: dict[str, Any]) -> int:
    return destination_of_visitor_ids(sandbox)


@pytest.fixture
def gateway(tmp_path: Path, sandbox: dict[str, Any], destination: int) -> Iterator[Gateway]:
    numbers = {"rule": LAST_AUTHENTICATED, "destination": destination}
    with started_gateway(tmp_path, sandbox, SETTINGS + PEOPLE, **numbers) as gateway:
        yield gateway


@pytest.fixture
def story(tmp_path: Path, sandbox: dict[str, Any]) -> Story:
    """A list that Campaign itself has made, and a website that has told whom it saw on which device."""
    story = Story.of(Campaign.read(tmp_path / "sandbox"))
    leave(sandbox, "importFiles", "start.csv", ["id", *map(str, sorted(story.start))])
    post(sandbox, "workflows/wkfAudienceImport/events", {"fileName": "start.csv", "listName": "start"})
    until(lambda: members(tmp_path / "sandbox", "start") == story.start)
    name = f"adobe_id_{VISITORS}_{DECLARED}_{int(time.time())}.sync"
    leave(sandbox, "audienceManagerInbound", name, story.id_sync)
    return story


def visit(sandbox: dict[str, Any], visitor_id: str, declared_id: str) -> None:
    """Has a customer log in on a device."""
    query = urllib.parse.urlencode({"d_mid": visitor_id, "d_cid": f"{DECLARED}\x01{declared_id}\x011"})
    with urllib.request.urlopen(f"{sandbox['audience_manager']['url']}/event?{query}", timeout=30) as answer:
        assert "X-Error" not in answer.headers


def onboarding(sandbox: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Audience Manager's reports on the file of the members, and on that of the website."""
    reports = history(sandbox, f"datasources/{DECLARED}/history/inbound")
    by_kind = {report["dataFileName"].partition("_")[0]: report for report in reports}
    assert (len(reports), by_kind.keys()) == (2, {"ftp", "adobe"})
    for report in reports:
        assert report["storedRecords"] == report["recordsProcessed"] - sum(report[error] for error in ERRORS)
        assert report["recordsProcessed"] == report["recordsReceived"]
    return by_kind["ftp"], by_kind["adobe"]


def outbound(sandbox: dict[str, Any], destination: int, due: datetime) -> dict[str, Any]:
    """Audience Manager's report on the file that was sent at a time."""
    milliseconds = round(due.timestamp()) * 1000
    span = f"startDate={milliseconds}&endDate={milliseconds}"
    (sent,) = history(sandbox, f"destinations/{destination}/history/outbound?{span}")
    return sent


def errors(report: dict[str, Any]) -> dict[str, int]:
    return {error: report[error] for error in ERRORS if report[error]}


@pytest.mark.slow
def test_a_list_goes_round_by_three_systems_and_nobody_is_lost_without_a_reason(
    gateway: Gateway, sandbox: dict[str, Any], destination: int, story: Story
) -> None:
    # Campaign to Audience Manager: recipients without e-mail and those who have opted out stay behind.
    transfer, receipt = gateway.share("campaign/start", "aam/vip", "email-sha256")
    assert receipt["rows_read"] == len(story.start)
    assert reasons(receipt) == counted(
        delivered__added=len(story.told),
        unmatched__no_id=len(story.without_email),
        suppressed__opted_out=len(story.opted_out),
    )
    arrivals = gateway.arrivals(transfer)
    assert {stage: arrival["state"] for stage, arrival in arrivals.items()} == {
        "delivered": "ARRIVAL_STATE_REACHED",
        "ingested": "ARRIVAL_STATE_PENDING",
        "visible": "ARRIVAL_STATE_PENDING",
    }

    # Onboarding: all are stored and given the trait; of the website's lines those are not that name no known device.
    gateway.advance(12)
    arrived = gateway.await_arrival(transfer, "ingested", "records_received", "stored_records")
    of_members, of_website = onboarding(sandbox)
    assert (of_members["recordsReceived"], errors(of_members)) == (len(story.told), {})
    assert of_members["totalRealizedTraits"] == of_members["totalDevices"] == len(story.told)
    assert (arrived["records_received"], arrived["stored_records"]) == (len(story.told), len(story.told))
    assert of_website["recordsReceived"] == len(story.id_sync)
    assert errors(of_website) == {"invalidAamId": MALFORMED, "noMatchingAamId": UNKNOWN}
    for visitor_id, recipient in story.visits.items():
        visit(sandbox, visitor_id, story.declared_id(recipient))
    gateway.advance(48)
    assert gateway.await_arrival(transfer, "visible")["population"] == len(story.told)

    # Segment to file: those without a device stay behind; the others come by each device that they used last.
    due = reach_the_next_transfer(gateway)
    visitor_ids = transferred(sandbox, destination, due)
    sent = outbound(sandbox, destination, due)
    assert len(story.told) - len(story.unseen) - UNKNOWN - MALFORMED == len(story.recognised)
    devices = len(story.ids_of_recognised) - len(story.taken_over) + len(story.visits)
    assert (sent["receivedRecords"], sent["attemptedRecords"], sent["successRecords"]) == (devices, devices, devices)
    assert (len(visitor_ids), set(visitor_ids)) == (devices, story.devices)

    # People to Campaign: devices are of nobody, of somebody who has opted out, of a member already, or of new members.
    receipt = gateway.share("people/vip", "campaign/back", "visitor-id")[1]
    repeated = story.repeats(visitor_ids)
    assert receipt["rows_read"] == devices
    assert reasons(receipt) == counted(
        delivered__added=devices - NEW - 1 - repeated,
        unmatched__unknown_id=NEW,
        suppressed__opted_out=1,
        duplicate__same_target=repeated,
    )
    assert receipt["snapshot"] == {"members_before": 0, "members_after": len(story.end)}

    # From list to list: everybody who is not there has been named above, and so has everybody who is there besides.
    back = members(gateway.directory / "sandbox", "back")
    stayed = story.without_email | story.opted_out | story.unseen | {*story.mistaken}
    assert back == (story.start - stayed) | story.sharers == story.end

    # The same again changes nothing, and nothing that the gateway logged tells who they are.
    again = gateway.share("campaign/start", "aam/vip", "email-sha256")[1]
    assert again["outcomes"]["unchanged"] == len(story.told)
    again = gateway.share("people/vip", "campaign/back", "visitor-id")[1]
    assert (again["outcomes"]["delivered"], again["snapshot"]["members_after"]) == (0, len(story.end))
    log = (gateway.directory / "gateway.log").read_text()
    identifying = {*story.campaign.emails.values(), *map(story.declared_id, story.told), *visitor_ids} - {""}
    assert not [one for one in identifying if one in log]


def test_the_story_has_somebody_of_every_kind(story: Story) -> None:
    campaign, told = story.campaign, story.told
    kinds = (story.without_email, story.opted_out, story.unseen, story.taken_over, story.sharers)
    assert [len(kind) > 0 for kind in kinds] == [True] * len(kinds)
    assert any(len(campaign.ids[one]) > 1 for one in story.recognised)
    assert any(len(owners) > 1 and owners <= told for owners in campaign.owners.values())
    assert len(set(story.mistaken)) == UNKNOWN + MALFORMED
    assert len(set(story.new)) == NEW
