"""Pages, order and search of all lists (audience-manager 1.2)."""

import pytest

LISTS = [
    "/datasources/",
    "/traits/",
    "/segments/",
    "/destinations/",
    "/destinations/4711/mappings/",
    "/users/",
    "/groups/",
]
LISTS += ["/customer-trait-types", "/partner-sites/", "/taxonomies/0/", "/dcs-regions/", "/reports/largest-traits"]


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_is_bare_without_a_page_and_an_object_with_one(api, path):
    rows = (await api.get(path)).body
    assert isinstance(rows, list)
    page = (await api.get(path, page="0", pageSize="1000")).body
    assert page == {"total": len(rows), "page": 0, "pageSize": 1000, "list": rows}


@pytest.mark.parametrize(("asked", "size", "length"), [({"page": "0"}, 10, 10), ({"pageSize": "3"}, 3, 3)])
async def test_a_page_or_its_size_is_enough(api, asked, size, length):
    for _ in range(10):
        await api.trait()
    body = (await api.get("/traits/", **asked)).body
    assert (body["total"], body["page"], body["pageSize"], len(body["list"])) == (12, 0, size, length)


async def test_order_or_search_alone_make_no_page(api):
    assert isinstance((await api.get("/traits/", sortBy="name", search="shared")).body, list)


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "-1"},
        {"page": "one"},
        {"pageSize": "0"},
        {"pageSize": "x"},
        {"descending": "perhaps"},
        {"page": "9" * 30},
    ],
)
async def test_malformed_paging_is_a_400(api, asked):
    answer = await api.get("/traits/", **asked)
    assert (answer.status, answer.body["code"]) == (400, 400)


async def test_rows_are_ordered_by_a_member(api):
    for name in ("b", "C", "a"):
        await api.trait(name=name, description="mine", ttl=len(name))
    up = (await api.get("/traits/", search="mine", sortBy="name")).body
    down = (await api.get("/traits/", search="mine", sortBy="sid", descending="true", page="0", pageSize="2")).body
    assert [row["name"] for row in up] == ["a", "b", "C"]
    assert [row["name"] for row in down["list"]] == ["a", "C"]


async def test_any_value_is_searched_whatever_the_case(api):
    sid = await api.trait(name="Bought SHOES")
    assert [row["sid"] for row in (await api.get("/traits/", search="shoes")).body] == [sid]
    assert [row["sid"] for row in (await api.get("/traits/", search=str(sid))).body] == [sid]
    assert (await api.get("/traits/", search="nowhere")).body == []
