"""A person who is erased leaves Campaign's list and the gateway, each place proves it, and no log names them."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import duckdb

CANARIES = """SELECT email FROM recipient WHERE email LIKE '%_@_%' AND email = lower(trim(email))
    GROUP BY email HAVING count(*) = 1 AND max(blackList) = 0 ORDER BY min(id) LIMIT 12"""


def addresses(systems) -> list[str]:
    file = f"file:{systems.directory / 'sandbox' / 'campaign.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as database:
        return [address for (address,) in database.execute(CANARIES)]


def ended(gateway, erasure: str) -> dict:
    for _ in range(600):
        found = json.loads(gateway.cli("identities", "erasures", erasure, "--json").stdout)
        if found.get("ended"):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def cells(state: Path) -> str:
    """All texts in Parquet files of the state."""
    tables = (
        duckdb.sql(f"SELECT COLUMNS(*)::VARCHAR FROM read_parquet('{path}')")
        for path in (state / "state").rglob("*.parquet")
    )
    return " ".join(str(table.fetchall()) for table in tables)


def test_erased_people_leave_the_list_and_the_gateway_with_receipts_that_verify(gateway, systems, tmp_path):
    people = addresses(systems)
    erased, others = people[:2], people[2:]
    (gateway.state / "lists" / "people.csv").write_text("\n".join(["personalEmail_address", *people, ""]))
    gateway.start()
    first = gateway.receipt("files/people.csv", "campaign/to-erase", "--data-source", "email")
    assert first["reasons"]["delivered"] == {"added": 12}
    before = set(systems.members("to-erase"))
    assert erased[0] in cells(gateway.state)

    asked = gateway.cli("identities", "erase", *erased, "--data-source", "email", "--in-clear", "--json")
    gateway.kill()
    gateway.start()
    found = ended(gateway, json.loads(asked.stdout)[0]["name"])

    assert len(before - set(systems.members("to-erase"))) == 2
    assert {target["state"] for target in found["targets"]} == {"ERASURE_STATE_DONE"}
    there = json.loads(found["targets"][1]["canonical_json"])
    assert there["reasons"]["delivered"] == {"removed": 2}
    kept = cells(gateway.state)
    assert [address for address in erased if address in kept] == []
    assert others[0] in kept

    again = gateway.receipt("files/people.csv", "campaign/to-erase", "--data-source", "email")
    assert again["reasons"]["suppressed"] == {"erased_id": 2}
    explained = gateway.cli("identities", "explain", erased[0], "--connection", "campaign", "--data-source", "email")
    assert "erased_id" in explained.stdout

    proofs, key = tmp_path / "proofs", tmp_path / "key.pem"
    shown = gateway.cli("identities", "erasures", found["name"], "--receipts", str(proofs))
    gateway.cli("receipts", "key", "--output", str(key))
    receipts = sorted(proofs.glob("*.json"))
    verified = [gateway.cli("receipts", "verify", str(path), "--key", str(key)) for path in receipts]
    assert [one.returncode for one in verified] == [0, 0]
    files = [path for path in (gateway.state / "state").rglob("*") if path.is_file() and path.suffix != ".parquet"]
    content = b"".join(path.read_bytes() for path in files)
    assert [address for address in people if address.encode() in content] == []
    said = asked.stdout + asked.stderr + shown.stdout + explained.stdout + json.dumps(found) + gateway.log
    assert [address for address in erased if address in said] == []
