"""A gateway that is killed in the middle of a transfer and started again ends it as if nothing had happened."""

from __future__ import annotations

import json
import time
import uuid

import pytest

KILLS = 20
SHARE = ("people/gold", "--data-source", "visitor-id")
SMALL_CHUNKS = "\n[transfers]\nchunk_rows = 200\ndeliver_rows = 100\n\n[storage]"


def counts(receipt):
    return {name: receipt[name] for name in ("rows_read", "outcomes", "reasons", "removals", "snapshot")}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_twenty_kills_change_neither_the_receipt_nor_the_list(gateway, systems, chance):
    gateway.start(**{"\n[storage]": SMALL_CHUNKS})
    source, *options = SHARE
    undisturbed = gateway.receipt(source, "campaign/undisturbed", *options)
    kills = shares = 0
    while kills < KILLS:
        shares += 1
        name, request_id = f"disturbed-{shares}", str(uuid.UUID(int=chance.getrandbits(128), version=4))
        again = ("share", source, f"campaign/{name}", *options, "--request-id", request_id, "--json")
        started = gateway.cli(*again, "--no-wait")
        assert started.returncode == 0, started.stderr
        while kills < KILLS and json.loads(gateway.cli(*again, "--no-wait").stdout)["transfer"]["state"] in {
            "TRANSFER_STATE_PENDING",
            "TRANSFER_STATE_RUNNING",
        }:
            time.sleep(chance.uniform(0, 0.6))
            gateway.kill()
            kills += 1
            gateway.start(**{"\n[storage]": SMALL_CHUNKS})
        disturbed = json.loads(json.loads(gateway.cli(*again).stdout)["receipt"]["canonical_json"])
        assert counts(disturbed) == counts(undisturbed)
        assert systems.members(name) == systems.members("undisturbed")
    assert gateway.end() == 0
