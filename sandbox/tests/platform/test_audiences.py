"""Audiences (sandbox 5.2)."""

import pytest

from .conftest import AUDIENCES


def external(number=1, **more):
    return {
        "audienceId": f"crm-{number}",
        "name": f"Listed {number}",
        "namespace": "campaign",
        "originName": "CUSTOM_UPLOAD",
        "description": "",
        "type": "ExternalSegment",
        "lifecycle": "published",
    } | more


async def test_an_external_one_gets_an_id_of_its_own_and_keeps_its_namespace(caller):
    status, made = await caller.ask("POST", AUDIENCES, external())
    assert status == 201
    assert made["id"] != made["audienceId"] == "crm-1"
    assert (made["namespace"], made["lifecycleState"]) == ("campaign", "published")
    assert (await caller.get(f"{AUDIENCES}/{made['id']}"))["name"] == "Listed 1"


async def test_one_without_a_name_is_refused(caller):
    for name in ({}, {"name": ""}, {"name": 7}):
        body = {key: value for key, value in external().items() if key != "name"} | name
        status, answer = await caller.ask("POST", AUDIENCES, body)
        assert (status, list(answer["errors"])) == (400, ["400"])


async def test_add_on_a_member_that_is_there_replaces_it(caller):
    id_ = (await caller.post(AUDIENCES, external()))["id"]
    steps = [
        {"op": "add", "path": "/description", "value": "new"},
        {"op": "add", "path": "/labels/-", "value": "core/C1"},
    ]
    status, changed = await caller.ask("PATCH", f"{AUDIENCES}/{id_}", steps)
    assert (status, changed["description"], changed["labels"]) == (200, "new", ["core/C1"])


@pytest.mark.parametrize(
    "step",
    [
        {"op": "replace", "path": "/namespace", "value": "other"},
        {"op": "replace", "path": "/lifecycleState", "value": "archived"},
        {"op": "replace", "path": "/nothing/here", "value": 1},
        {"op": "remove", "path": "/name"},
        {"op": "copy", "path": "/name"},
    ],
)
async def test_a_step_that_does_not_fit_changes_nothing(caller, step):
    id_ = (await caller.post(AUDIENCES, external()))["id"]
    before = await caller.get(f"{AUDIENCES}/{id_}")
    status, _ = await caller.ask("PATCH", f"{AUDIENCES}/{id_}", [step])
    assert status == 400
    assert await caller.get(f"{AUDIENCES}/{id_}") == before


async def test_it_is_replaced_whole_and_keeps_its_id(caller):
    made = await caller.post(AUDIENCES, external())
    status, changed = await caller.ask("PUT", f"{AUDIENCES}/{made['id']}", made | {"name": "Other", "id": "mine"})
    assert (status, changed["id"], changed["name"]) == (200, made["id"], "Other")


async def test_a_deleted_one_is_404(caller):
    id_ = (await caller.post(AUDIENCES, external()))["id"]
    assert await caller.ask("DELETE", f"{AUDIENCES}/{id_}") == (204, None)
    assert (await caller.ask("GET", f"{AUDIENCES}/{id_}"))[0] == 404


async def test_seven_at_three_a_page_are_three_requests(caller):
    for number in range(6):
        await caller.post(AUDIENCES, external(number))
    pages, start = [], ""
    while True:
        page = await caller.get(f"{AUDIENCES}?limit=3{start}")
        pages.append(page)
        if "next" not in page["_page"]:
            break
        assert page["_page"]["next"] > 0
        start = f"&start={page['_page']['next']}"
    assert [len(page["children"]) for page in pages] == [3, 3, 1]
    assert len({each["id"] for page in pages for each in page["children"]}) == 7
    assert all(page["_page"]["totalCount"] == 7 for page in pages)


async def test_start_may_count_pages(calling):
    async with calling(audience_start_is_page=True) as caller:
        for number in range(3):
            await caller.post(AUDIENCES, external(number))
        first = await caller.get(f"{AUDIENCES}?limit=2")
        second = await caller.get(f"{AUDIENCES}?limit=2&start={first['_page']['next']}")
        assert first["_page"]["next"] == 1
        assert len({each["id"] for page in (first, second) for each in page["children"]}) == 4


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=LISTED", 2),
        ("name=listed%202", 1),
        ("name=nobody", 0),
        ("", 4),
        ("entityType=_xdm.context.profile", 3),
        ("entityType=_xdm.context.account", 1),
        ("property=namespace==campaign", 2),
        ("property=namespace==campaign&property=audienceId==crm-2", 1),
        ("description=quarter%20of", 1),
    ],
)
async def test_lists_are_filtered(caller, query, found):
    await caller.post(AUDIENCES, external(1))
    await caller.post(AUDIENCES, external(2, schema=None))
    account = {"name": "_xdm.context.account"}
    await caller.post(AUDIENCES, external(3, name="other", namespace="other", schema=account))
    assert (await caller.get(f"{AUDIENCES}?{query}"))["_page"]["totalCount"] == found


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "start=-1", "sort=name:up", "property=nonsense"])
async def test_a_question_that_makes_no_sense_is_refused(caller, query):
    assert (await caller.ask("GET", f"{AUDIENCES}?{query}"))[0] == 400


async def test_changes_may_answer_201(calling):
    async with calling(audience_changes_answer_201=True) as caller:
        made = await caller.post(AUDIENCES, external())
        assert (await caller.ask("PUT", f"{AUDIENCES}/{made['id']}", made))[0] == 201


async def test_sandboxes_of_the_platform_are_apart(caller):
    other = caller.in_sandbox("dev")
    id_ = (await other.post(AUDIENCES, external()))["id"]
    assert (await caller.ask("GET", f"{AUDIENCES}/{id_}"))[0] == 404
    assert [each["id"] for each in (await other.get(AUDIENCES))["children"]] == [id_]
    assert (await other.get(f"{AUDIENCES}/{id_}"))["sandbox"]["sandboxName"] == "dev"


async def test_what_was_written_is_there_after_a_restart(calling, tmp_path):
    async with calling(state=tmp_path) as caller:
        id_ = (await caller.post(AUDIENCES, external()))["id"]
    async with calling(state=tmp_path) as caller:
        assert (await caller.get(f"{AUDIENCES}/{id_}"))["name"] == "Listed 1"
