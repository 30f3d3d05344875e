"""Customer Attributes of a whole sandbox, over real sockets."""

from pathlib import Path
from urllib.parse import urlparse

import pytest

ROOT = "/sandbox/customer-attributes"


async def test_an_upload_is_processed_when_the_clock_has_moved_on(guest):
    account = Path(urlparse(guest.ready["buckets"]["customerAttributes"]).path)
    (account / "crm_1.csv").write_bytes(b"id,tier\n42,gold\n")
    (account / "crm_1.fin").touch()
    await guest.post("/sandbox/clock", {"advance_seconds": 60})
    await guest.post(f"{ROOT}/crm/aliases", {"42": 2})
    _, page = await guest.get(f"{ROOT}/crm")
    _, customer = await guest.get(f"{ROOT}/crm/customers/42")
    assert (page["columns"], page["ids_aliased"]) == (["id", "tier"], 1)
    assert (page["files"][0]["name"], page["files"][0]["state"]) == ("crm_1.csv", "processed")
    assert customer == {"attributes": {"tier": "gold"}, "devices": 2, "high_alias": False, "invalidated": False}


async def test_a_source_is_made_with_its_account(guest):
    status, page = await guest.post(ROOT, {"alias_id": "loyalty", "types": {"points": "integer"}})
    assert (status, page["types"]) == (201, {"points": "integer"})
    assert page["account"].endswith("/customerAttributes/loyalty")
    assert (await guest.get(ROOT))[1] == {"sources": ["crm", "loyalty"]}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {"alias_id": "crm"}, 409),
        ("", {"alias_id": "two words"}, 409),
        ("", {"alias_id": "a", "types": {"b": "date"}}, 409),
        ("", [], 400),
        ("/crm/aliases", {"42": "many"}, 400),
        ("/nobody/aliases", {"42": 1}, 404),
    ],
)
async def test_what_cannot_be_done_is_refused(guest, path, body, status):
    assert (await guest.post(f"{ROOT}{path}", body))[0] == status


async def test_whoever_is_not_known_is_not_found(guest):
    assert (await guest.get(f"{ROOT}/crm/customers/42"))[0] == 404
    assert (await guest.get(f"{ROOT}/nobody"))[0] == 404


async def test_subscriptions_and_schema_follow_the_rules_of_the_source(guest):
    url = guest.ready["admin"]["url"] + f"{ROOT}/crm"
    async with guest.http.put(f"{url}/subscriptions", json={"target_standard": ["nothing"]}) as refused:
        assert refused.status == 409
    async with guest.http.put(f"{url}/subscriptions", json={"target_standard": []}) as done:
        assert done.status == 200
    async with guest.http.delete(f"{url}/schema") as refused:
        assert refused.status == 409
