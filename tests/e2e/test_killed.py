"""A gateway that is killed in the middle of a transfer and started again ends it as if nothing had happened."""

from __future__ import annotations

import json
import time
import uuid

import pytest
from audience_gateway.v1 import transfer_pb2

KILLS = 20
SMALL_CHUNKS = {"\n[storage]": "\n[transfers]\nchunk_rows = 200\ndeliver_rows = 50\n\n[storage]"}
UNDER_WAY = {transfer_pb2.TRANSFER_STATE_PENDING, transfer_pb2.TRANSFER_STATE_RUNNING}


def counts(receipt):
    return {name: receipt[name] for name in ("rows_read", "outcomes", "reasons", "removals", "snapshot")}


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
