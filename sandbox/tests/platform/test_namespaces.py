"""Identity namespaces (sandbox 5.5)."""

import pytest

NAMESPACES = "/data/core/idnamespace/identities"


async def test_the_standard_ones_are_there(caller):
    listed = await caller.get(NAMESPACES)
    by_code = {each["code"]: each for each in listed}
    assert (by_code["ECID"]["id"], by_code["Email"]["id"]) == (4, 6)
    assert all(each["custom"] is False and isinstance(each["id"], int) and each["idType"] for each in listed)


async def test_one_is_added_listed_and_shown_by_its_number(caller):
    status, made = await caller.ask("POST", NAMESPACES, {"name": "CRM", "code": "crmid", "idType": "CROSS_DEVICE"})
    assert (status, made["custom"], made["idType"]) == (200, True, "CROSS_DEVICE")
    assert await caller.get(f"{NAMESPACES}/{made['id']}") == made
    assert made in await caller.get(NAMESPACES)
    assert (await caller.get(f"{NAMESPACES}/4"))["code"] == "ECID"


async def test_a_code_that_is_taken_is_refused_in_any_letter_case(caller):
    status, answer = await caller.ask("POST", NAMESPACES, {"name": "x", "code": "ecid", "idType": "Cookie"})
    assert (status, answer["title"], answer["report"]["code"]) == (
        409,
        "NAMESPACE_CODE_CONFLICT",
        "INTEGRATION_CODE_EXISTS",
    )


@pytest.mark.parametrize(
    "body", [{"name": "x", "code": "a b", "idType": "Cookie"}, {"name": "x", "code": "ab", "idType": "y"}]
)
async def test_one_that_makes_no_sense_is_refused(caller, body):
    status, answer = await caller.ask("POST", NAMESPACES, body)
    assert (status, answer["title"]) == (400, "namespacevalidation")


async def test_its_name_can_be_changed_and_its_code_cannot(caller):
    made = await caller.post(NAMESPACES, {"name": "CRM", "code": "crmid", "idType": "Email"})
    address = f"{NAMESPACES}/{made['id']}"
    assert (await caller.ask("PUT", address, {"name": "New", "code": "crmid"}))[1]["name"] == "New"
    assert (await caller.ask("PUT", address, {"code": "other"}))[0] == 400
    assert (await caller.ask("PUT", f"{NAMESPACES}/4", {"name": "mine"}))[0] == 400


async def test_an_unknown_number_is_404(caller):
    assert (await caller.ask("GET", f"{NAMESPACES}/99"))[0] == 404
    assert (await caller.ask("GET", f"{NAMESPACES}/x"))[0] == 404
