"""Segment definitions (sandbox 5.1)."""

import pytest

from .conftest import DEFINITIONS

RULE = 'homeAddress.countryCode = "US" and not person.name.firstName in ["A", "B"]'


def body(name="d", rule=RULE):
    return {
        "name": name,
        "description": "of a test",
        "profileInstanceId": "ups",
        "expression": {"type": "PQL", "format": "pql/text", "value": rule},
        "schema": {"name": "_xdm.context.profile"},
        "ttlInDays": 60,
    }


async def test_a_definition_is_posted_and_read_back_unchanged(caller):
    status, made = await caller.ask("POST", DEFINITIONS, body())
    assert status == 200
    found = await caller.get(f"{DEFINITIONS}/{made['id']}")
    assert (found["name"], found["expression"]["value"]) == ("d", RULE)


async def test_it_is_changed_by_a_plain_object(caller):
    id_ = await caller.define(RULE)
    status, changed = await caller.ask("PATCH", f"{DEFINITIONS}/{id_}", body("other"))
    assert (status, changed["id"], changed["name"]) == (200, id_, "other")
    assert (await caller.get(f"{DEFINITIONS}/{id_}"))["name"] == "other"


async def test_a_deleted_one_is_404_with_an_object(caller):
    id_ = await caller.define(RULE)
    assert (await caller.ask("DELETE", f"{DEFINITIONS}/{id_}"))[0] == 200
    for method, sent in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        status, answer = await caller.ask(method, f"{DEFINITIONS}/{id_}", sent)
        assert (status, answer["errors"]["404"][0]["code"]) == (404, "UPAPI-113430-404")


async def test_pages_fit_their_limit_and_one_beyond_the_last_is_empty(caller):
    for number in range(4):
        await caller.define(RULE, f"d{number}")
    pages = [await caller.get(f"{DEFINITIONS}?limit=2&page={page}") for page in range(4)]
    assert [len(page["segments"]) for page in pages] == [2, 2, 1, 0]
    assert all(page["page"]["totalCount"] == 5 and page["page"]["totalPages"] == 3 for page in pages)
    ids = [each["id"] for page in pages for each in page["segments"]]
    assert len(set(ids)) == 5
    assert (await caller.get(DEFINITIONS))["page"]["totalPages"] == 1


async def test_the_newest_come_first_unless_sorted_otherwise(caller):
    for name in ("b", "a", "c"):
        await caller.define(RULE, name)
    assert [each["name"] for each in (await caller.get(DEFINITIONS))["segments"]][:3] == ["c", "a", "b"]
    sorted_ = (await caller.get(f"{DEFINITIONS}?sort=name:asc&limit=2&page=1"))["segments"]
    assert [each["name"] for each in sorted_] == ["b", "c"]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "a =",
        'chain(xEvent, timestamp, [X: what(eventType = "x")])',
        "a = 1 b",
        "(" * 60,
        "a.b.upper()",
        'a = "x',
        " and ".join(["a = 1"] * 600),
    ],
)
async def test_a_rule_that_is_not_understood_is_refused(caller, rule):
    status, answer = await caller.ask("POST", DEFINITIONS, body(rule=rule))
    assert (status, answer["errors"]["400"][0]["code"]) == (400, "UPAPI-113434-400")


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ('person.name.firstName = "Ada"', 1),
        ("person.name.firstName = 'Ada' or person.name.firstName = 'Grace'", 2),
        ('person.name.firstName in ["Ada", "Grace", "Nobody"] and not person.name.lastName = "Hopper"', 1),
        ('person.name.firstName.equals("ADA", false)', 1),
        ('person.name.firstName.equals("ADA")', 0),
        ('person.name.lastName.startsWith("Love") and person.name.lastName.endsWith("lace")', 1),
        ('personalEmail.address.contains("grace@")', 1),
        ("_sandbox.recipientId >= 1000 and _sandbox.recipientId < 1003", 3),
        ('_sandbox.recipientId > "a"', 0),
        ("_sandbox.recipientId = 99999999999999999999", 0),
        ("nothing.here != 1", 0),
        ("person.name.firstName = null", 0),
        ('consents.marketing.email.val = "n" and person.name.firstName = "Edsger"', 1),
    ],
)
async def test_a_rule_chooses_the_profiles_that_it_says(caller, rule, found):
    id_ = await caller.define(rule)
    assert (await caller.evaluate(id_))["metrics"]["segmentedProfileCounter"] == {id_: found}


async def test_an_audience_is_evaluated_after_those_that_it_names(caller):
    first = await caller.define('person.name.firstName = "Ada"', "first")
    second = await caller.define(f'not inSegment("{first}") and _sandbox.recipientId < 1003', "second")
    counted = (await caller.evaluate(second, first))["metrics"]["segmentedProfileCounter"]
    assert counted == {first: 1, second: 2}


async def test_two_of_one_name_are_refused_unless_assumed_otherwise(caller, calling):
    await caller.define(RULE, "d")
    assert (await caller.ask("POST", DEFINITIONS, body()))[0] == 422
    async with calling(definition_names_are_unique=False) as other:
        await other.define(RULE, "d")
        assert (await other.ask("POST", DEFINITIONS, body()))[0] == 200


async def test_one_that_another_names_cannot_be_deleted(caller):
    first = await caller.define(RULE, "first")
    second = await caller.define(f'inSegment("{first}")', "second")
    status, answer = await caller.ask("DELETE", f"{DEFINITIONS}/{first}")
    assert (status, answer["type"].rpartition("/")[2]) == (400, "UPAPI-113631-403")
    assert (await caller.get(f"/data/core/ups/audiences/{first}"))["dependents"] == [second]


async def test_several_are_shown_at_once_those_missing_too(caller):
    id_ = await caller.define(RULE)
    status, answer = await caller.ask("POST", f"{DEFINITIONS}/bulk-get", {"ids": [{"id": id_}, {"id": "no"}]})
    assert status == 207
    assert answer["results"][id_]["name"] == "defined"
    assert "404" in answer["results"]["no"]["errors"]
    assert (await caller.ask("POST", f"{DEFINITIONS}/bulk-get", {"ids": [{"id": "no"}]}))[0] == 404
    assert (await caller.ask("POST", f"{DEFINITIONS}/bulk-get", {"ids": []}))[0] == 400


async def test_a_rule_is_written_in_the_other_format_and_back(caller):
    convert = "/data/core/ups/segment/conversion"
    tree = await caller.post(convert, body(rule='a.b >= 2 and c.isNotNull() or d.equals("x", false)'))
    text = await caller.post(convert, {"expression": tree["expression"]})
    assert text["expression"] == {
        "type": "PQL",
        "format": "pql/text",
        "value": '((a.b >= 2 and c.isNotNull()) or d.equals("x", false))',
    }
