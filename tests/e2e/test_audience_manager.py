"""A list of Campaign's goes into Audience Manager, arrives there, and comes back, by hashed e-mail addresses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from processes import started

from tests.e2e.beside_audience_manager import DECLARED, SETTINGS, Gateway, outcomes, post, started_gateway

MEMBERS = 20
RETURNING = """
aam_destination_id = {destination}

[data_sources.email]
id_type = "declared_id"
reconciliation_key = "@email"
recipe = "email"

[connections.files]
connector = "files"
[connections.files.settings]
bucket = "file://{directory}/lists"
id_column = "email"
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, Any]]:
    arguments = ["sandbox", "--recipients", "200", "--port", "0", "--state", str(tmp_path / "sandbox")]
    with started(arguments, tmp_path / "sandbox.json", tmp_path / "sandbox.log") as ready:
        yield ready


@pytest.fixture
def gateway(tmp_path: Path, sandbox: dict[str, Any]) -> Iterator[Gateway]:
    rule = {
        "name": "All",
        "authenticated": "ALL_CROSS_DEVICE",
        "authenticatedSourceIds": [DECLARED],
        "device": "NO_DEVICE",
    }
    line = '<DP_UUID><TAB><SEGMENT_LIST; separator=",">'
    number = post(sandbox, "audience-manager/merge-rules", rule)["dataSourceId"]
    body = {"name": "Out", "dataSourceId": DECLARED, "lineTemplate": line}
    destination = post(sandbox, "audience-manager/destinations", body)["destinationId"]
    settings = SETTINGS.rstrip() + RETURNING
    with started_gateway(tmp_path, sandbox, settings, rule=number, destination=destination) as gateway:
        yield gateway


@pytest.fixture
def people(tmp_path: Path, sandbox: dict[str, Any]) -> list[str]:
    """A file of recipients who may be written to, and their addresses."""
    query = f"""
        SELECT email FROM recipient WHERE blackList = 0 AND email LIKE '%@%' AND email = trim(lower(email))
        GROUP BY email HAVING count(*) = 1 LIMIT {MEMBERS}"""
    with closing(sqlite3.connect(f"file:{tmp_path / 'sandbox' / 'campaign.sqlite'}?mode=ro", uri=True)) as database:
        addresses = [address for (address,) in database.execute(query)]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "vip.csv").write_text("\n".join(["email", *addresses, ""]))
    return addresses


@pytest.mark.slow
def test_a_list_goes_into_audience_manager_arrives_and_comes_back(gateway: Gateway, people: list[str]) -> None:
    assert outcomes(gateway.share("files/vip.csv", "campaign/vip", "email")[1]) == {"delivered": MEMBERS}
    transfer, receipt = gateway.share("campaign/vip", "aam/vip", "email-sha256")
    assert outcomes(receipt) == {"delivered": MEMBERS}
    assert gateway.arrivals(transfer)["ingested"]["state"] == "ARRIVAL_STATE_PENDING"

    gateway.advance(12)
    counts = gateway.await_arrival(transfer, "ingested", "records_received", "stored_records")
    assert (counts["records_received"], counts["stored_records"]) == (MEMBERS, MEMBERS)
    gateway.advance(48)
    gateway.await_arrival(transfer, "visible")

    gateway.advance(24)
    sizes = {one["name"]: one.get("size") for one in gateway.cli("audiences", "list", "aam")}
    assert sizes["connections/aam/audiences/vip"] == str(MEMBERS)
    assert outcomes(gateway.share("aam/vip", "campaign/back", "email-sha256")[1]) == {"delivered": MEMBERS}
    assert outcomes(gateway.share("campaign/vip", "aam/vip", "email-sha256")[1]) == {"unchanged": MEMBERS}
    log = (gateway.directory / "gateway.log").read_text()
    assert [address for address in people if address in log] == []
