"""A gateway that is killed in the middle of a transfer and started again ends it as if nothing had happened."""

from __future__ import annotations

import json
import time
import uuid

import pytest
from audience_gateway.v1 import transfer_pb2

KILLS = 20
SMALL_CHUNKS = {"\n[storage]": "\n[transfers]\nchunk_rows = 200\ndeliver_rows = 50\n\n[storage]"}
FEW_KILLS = 3
SMALLER_CHUNKS = {"\n[storage]": "\n[transfers]\nchunk_rows = 200\ndeliver_rows = 4\n\n[storage]"}
UNDER_WAY = {transfer_pb2.TRANSFER_STATE_PENDING, transfer_pb2.TRANSFER_STATE_RUNNING}


def counts(receipt):
    return {name: receipt[name] for name in ("rows_read", "outcomes", "reasons", "removals", "snapshot")}


@pytest.mark.faults
@pytest.mark.timeout(400)
def test_twenty_kills_change_neither_the_receipt_nor_the_list(gateway, systems, chance):
    gateway.start(**SMALL_CHUNKS)
    begun = time.monotonic()
    undisturbed = gateway.receipt("people/gold", "campaign/undisturbed", "--data-source", "visitor-id")
    seconds = time.monotonic() - begun
    kills = shares = 0
    while kills < KILLS:
        shares += 1
        name, request_id = f"disturbed-{shares}", str(uuid.UUID(int=chance.getrandbits(128), version=4))
        share = ("people/audiences/gold", f"campaign/audiences/{name}", "visitor-id", request_id)
        while kills < KILLS and gateway.start_share(*share).state in UNDER_WAY:
            time.sleep(chance.uniform(0, seconds / 2))
            gateway.kill()
            kills += 1
            gateway.start(**SMALL_CHUNKS)
        again = ("share", "people/gold", f"campaign/{name}", "--data-source", "visitor-id", "--request-id", request_id)
        ended = gateway.cli(*again, "--json")
        assert ended.returncode == 0, ended.stderr
        assert counts(json.loads(json.loads(ended.stdout)["receipt"]["canonical_json"])) == counts(undisturbed)
        assert systems.members(name) == systems.members("undisturbed")
    assert gateway.end() == 0


def under_way(gateway, transfer):
    shown = gateway.cli("transfers", "show", transfer, "--json")
    assert shown.returncode == 0, shown.stderr
    return transfer_pb2.TransferState.Value(json.loads(shown.stdout)["state"]) in UNDER_WAY


@pytest.mark.faults
@pytest.mark.timeout(400)
def test_kills_do_not_change_what_an_undo_takes_back(gateway, systems, chance):
    gateway.start(**SMALLER_CHUNKS)
    shared = gateway.receipt("people/gold", "campaign/taken-back", "--data-source", "visitor-id")
    members = shared["snapshot"]["members_after"]
    undo = (
        "transfers",
        "undo",
        shared["transfer"],
        "--request-id",
        str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    )
    started = gateway.cli(*undo, "--no-wait", "--json")
    assert started.returncode == 0, started.stderr
    name = json.loads(started.stdout)["transfer"]["name"]
    kills = 0
    while kills < FEW_KILLS and under_way(gateway, name):
        time.sleep(chance.uniform(0, 0.5))
        gateway.kill()
        kills += 1
        gateway.start(**SMALLER_CHUNKS)
    ended = gateway.cli(*undo, "--json")
    assert ended.returncode == 0, ended.stderr
    receipt = json.loads(json.loads(ended.stdout)["receipt"]["canonical_json"])
    assert kills
    assert (receipt["rows_read"], receipt["reasons"]["delivered"]) == (members, {"removed": members})
    assert (receipt["snapshot"], systems.members("taken-back")) == ({"members_after": 0, "members_before": members}, [])
    assert gateway.end() == 0
