"""Rows whose ids Campaign does not know get recipients where a share asks for it, each one once, over real sockets."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
import uuid
from contextlib import closing

import pytest

TOKEN = "of-the-owner"
SETTINGS = {
    "\n[storage]": """
[transfers]
deliver_rows = 10

[callers.owner]
token = "env:OWNER_TOKEN"
rights = ["create_records"]

[storage]"""
}
ASKED = ("files/people.csv", "campaign/new", "--data-source", "email")
CREATING = (*ASKED, "--create-unknown-records")
NEW = [f"new-{number}@example.net" for number in range(45)]
NOT_SHARED = {"opted_out": 1, "no_id": 1, "invalid_id": 1, "same_id": 1}
EXPECTED = {"record_created": len(NEW), "added": 1, **NOT_SHARED}
KILLS = 3
pytestmark = pytest.mark.parametrize("own_gateway", [300], indirect=True)


@pytest.fixture
def owned(own_gateway, monkeypatch):
    """A gateway with an owner, whose token the command line has."""
    monkeypatch.setenv("AUDIENCE_GATEWAY_TOKEN", TOKEN)
    own_gateway.environment |= {"OWNER_TOKEN": TOKEN}
    assert own_gateway.end() == 0
    own_gateway.start(**SETTINGS)
    return own_gateway


def campaign(gateway, query: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{gateway.state / 'sandbox' / 'campaign.sqlite'}?mode=ro", uri=True)) as tables:
        return tables.execute(query).fetchall()


def created(gateway) -> dict[str, int]:
    """The recipients that were not there before, by e-mail address, with the number of them."""
    return dict(campaign(gateway, "SELECT email, count(*) FROM recipient WHERE email LIKE 'new-%' GROUP BY email"))


def write(gateway) -> tuple[str, str]:
    """Writes a file with everybody who is new, somebody who is known, and one who has opted out."""
    [(known,)] = campaign(gateway, "SELECT email FROM recipient WHERE NOT blackList AND email LIKE '%@%' LIMIT 1")
    [(unwilling,)] = campaign(gateway, "SELECT email FROM recipient WHERE blackList AND email LIKE '%@%' LIMIT 1")
    ids = [*NEW, known, unwilling, "", "no address", NEW[0].upper()]
    text = "name,personalEmail_address\n" + "".join(f"row,{one}\n" for one in ids)
    (gateway.state / "lists" / "people.csv").write_text(text, encoding="utf-8")
    return known, unwilling


def reasons(receipt) -> dict[str, int]:
    return {reason: rows for by_reason in receipt["reasons"].values() for reason, rows in by_reason.items()}


def test_who_is_unknown_is_created_and_added_only_where_a_share_asks_for_it(owned):
    write(owned)
    reported = owned.receipt(*ASKED, "--dry-run")
    assert reasons(reported) == {"unknown_id": len(NEW), "added": 1, **NOT_SHARED}
    tried = owned.receipt(*CREATING, "--dry-run")
    assert (reasons(tried), created(owned)) == (EXPECTED, {})

    shared = owned.receipt(*CREATING)
    assert (reasons(shared), shared["create_unknown_records"]) == (EXPECTED, True)
    assert created(owned) == dict.fromkeys(NEW, 1)
    assert len(owned.systems.members("new")) == len(NEW) + 1

    again = owned.receipt(*ASKED)
    assert reasons(again) == {"already_member": len(NEW) + 1, **NOT_SHARED}

    undone = owned.cli("transfers", "undo", shared["transfer"], "--json")
    assert undone.returncode == 0, undone.stderr
    assert owned.systems.members("new") == []
    assert created(owned) == dict.fromkeys(NEW, 1)
    assert not any(address in owned.log for address in NEW)


def test_lost_replies_and_kills_create_nobody_twice(owned, chance):
    write(owned)
    fault = {"path": "/nl/jsp/soaprouter.jsp", "every": 4, "kind": "reply_lost"}
    request = urllib.request.Request(
        f"{owned.systems.ready['admin']['url']}/sandbox/faults",
        json.dumps({"calls": [fault]}).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()
    share = (*CREATING, "--request-id", str(uuid.UUID(int=chance.getrandbits(128), version=4)))
    begun = owned.cli("share", *share, "--no-wait")
    assert begun.returncode == 0, begun.stderr
    for kill in range(KILLS):
        deadline = time.monotonic() + 60
        while len(created(owned)) <= 10 * kill and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        owned.kill()
        owned.start(**SETTINGS)
    receipt = owned.receipt(*share)
    assert reasons(receipt) == EXPECTED
    assert created(owned) == dict.fromkeys(NEW, 1)
    assert len(owned.systems.members("new")) == len(NEW) + 1


def test_who_has_no_right_and_ids_that_make_no_recipient_create_nobody(owned, monkeypatch):
    write(owned)
    of_visitors = owned.cli("share", "people/gold", "campaign/new", "--data-source", "visitor-id", CREATING[-1])
    assert of_visitors.returncode == 1
    assert "do not make a record of a person" in of_visitors.stdout + of_visitors.stderr
    monkeypatch.setenv("AUDIENCE_GATEWAY_TOKEN", "of-somebody-else")
    refused = owned.cli("share", *CREATING)
    assert refused.returncode == 1
    assert "`create_records`" in refused.stderr
    assert created(owned) == {}
