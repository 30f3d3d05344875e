"""Calls that are wrong in ways that nobody thinks of: each is answered with an object, and none is a failure."""

import json
from io import BytesIO

import pytest

PATHS = ["/datasources/", "/traits/", "/segments/", "/folders/traits/", "/destinations/", "/users/", "/groups/"]
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b"9" * 5000,
    b"{}",
    b'{"name": {"deep": []}}',
]


async def test_a_body_that_is_nothing_is_a_400(api):
    for path in [*PATHS, "/traits/validate", "/destinations/4711/mappings", "/reports/traits-trend"]:
        for body in BODIES:
            answer = await api.call("POST", f"/v1{path}", data=body)
            assert (answer.status, answer.body["code"]) == (400, 400), (path, body[:10])


async def test_what_is_no_array_of_ids_is_a_400(api):
    for path in ("datasources", "traits", "segments", "destinations", "users", "groups"):
        for body in (b"{}", b'["x"]', b"[true]", b"[-1]", b"[1.5]", b"[[1]]", b"[99999999999999999999]", b"7"):
            answer = await api.call("POST", f"/v1/{path}/bulk-delete", data=body)
            assert answer.status == 400, (path, body)


@pytest.mark.parametrize(
    "name", ["\ud800", "\x00", "'; DROP TABLE trait; --", "x" * 255, "ü 漢字 🎉", "</script>", "%s%n"], ids=ascii
)
async def test_any_name_is_kept_as_it_is_or_refused(api, name):
    answer = await api.post("/traits/", {"name": name, "traitType": "ALGO_TRAIT", "dataSourceId": 38888, "folderId": 0})
    assert answer.status in {201, 400}
    if answer.status == 201:
        assert (await api.get(f"/traits/{answer.body['sid']}")).body["name"] == name


async def test_what_is_no_number_is_a_400(api):
    good = {"name": "t", "traitType": "ALGO_TRAIT", "dataSourceId": 38888, "folderId": 0}
    for field in ("ttl", "categoryId", "dataSourceId", "folderId", "thresholdValue"):
        for value in (10**40, -(10**40), 1.5, "many", [], {}):
            assert (await api.post("/traits/", good | {field: value})).status == 400, (field, value)


@pytest.mark.parametrize("sid", ["-1", "9" * 40, "1e3", "%00", "..%2f24", "24%20", "ic:", "ic:'"])
async def test_an_odd_id_is_of_nothing(api, sid):
    for path in ("traits", "segments"):
        assert (await api.get(f"/{path}/{sid}")).status == 404
    for path in ("datasources", "destinations", "users", "groups", "partner-sites", "folders/traits"):
        assert (await api.get(f"/{path}/{sid}")).status == 404


async def test_ten_mebibytes_are_taken(api):
    trait = {"name": "t", "traitType": "ALGO_TRAIT", "dataSourceId": 38888, "folderId": 0}
    body = json.dumps(trait | {"comments": "x" * ((10 << 20) - 200)}).encode()
    answer = await api.call("POST", "/v1/traits/", data=BytesIO(body))
    assert answer.status == 201
    assert (await api.get(f"/traits/{answer.body['sid']}")).body == answer.body


async def test_a_verb_that_an_address_has_not_is_told(api):
    answer = await api.call("PATCH", "/v1/traits/1024", {})
    assert (answer.status, answer.body["code"]) == (405, 405)


async def test_a_rule_of_a_hundred_thousand_conditions_is_taken(api):
    rule = " OR ".join(["1024T"] * 100_000)
    sid = await api.segment(rule)
    assert (await api.get(f"/segments/{sid}")).body["traitDataSourceIds"] == [38888]
