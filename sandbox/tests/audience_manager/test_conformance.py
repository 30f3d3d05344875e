"""Each row of the sandbox's table of Audience Manager's REST API (sandbox 4.1)."""

import asyncio

import pytest
from audience_gateway_sandbox.audience_manager.objects import Trait

ALWAYS = {"sid", "name", "description", "dataSourceId", "folderId", "createTime", "updateTime"}
SOURCE = {
    "name": "CRM",
    "description": "Ids of our shop",
    "integrationCode": "crm-shop",
    "type": "GENERAL",
    "idType": "CROSS_DEVICE",
    "inboundS2S": True,
    "outboundS2S": False,
}
TRAIT = {
    "traitType": "ON_BOARDED_TRAIT",
    "name": "Bought",
    "dataSourceId": 38888,
    "folderId": 0,
    "traitRule": 'bought == "1"',
}


@pytest.mark.parametrize("path", ["/datasources/", "/traits/", "/traits/7", "/segments/24", "/nothing/here"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_invalid_token_is_a_401_on_every_path(api, method, path):
    answer = await api.call(method, f"/v1{path}", headers={"Authorization": "Bearer forged"})
    assert answer.status == 401
    assert answer.body
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="oauth", error="invalid_token"')
    assert "forged" not in answer.text + answer.headers["WWW-Authenticate"]


async def test_a_posted_data_source_is_a_201_with_its_id(api):
    answer = await api.post("/datasources/", SOURCE)
    assert answer.status == 201
    assert answer.body["dataSourceId"] > 0


async def test_a_data_source_is_read_with_the_values_sent(api):
    number = (await api.post("/datasources/", SOURCE)).body["dataSourceId"]
    answer = await api.get(f"/datasources/{number}")
    assert answer.status == 200
    assert SOURCE.items() <= answer.body.items()


async def test_data_sources_are_a_bare_array(api):
    number = await api.data_source()
    answer = await api.get("/datasources/")
    assert answer.status == 200
    assert isinstance(answer.body, list)
    assert number in {row["dataSourceId"] for row in answer.body}


async def test_a_posted_trait_is_a_201_with_its_sid(api):
    answer = await api.post("/traits/", TRAIT)
    assert answer.status == 201
    assert TRAIT.items() <= answer.body.items()
    assert answer.body["sid"] > 0


async def test_a_posted_segment_is_a_201_with_its_sid_and_needs_no_merge_rule(api):
    body = {"dataSourceId": 38888, "name": "Buyers", "segmentRule": "1024T", "folderId": 0}
    answer = await api.post("/segments/", body)
    assert answer.status == 201
    assert body.items() <= answer.body.items()


@pytest.mark.parametrize("path", ["/traits/", "/segments/"])
async def test_traits_and_segments_are_a_bare_array_of_the_data_source_asked_for(api, path):
    number = await api.data_source()
    sid = await api.trait(dataSourceId=number)
    if path == "/segments/":
        sid = await api.segment(f"{sid}T", dataSourceId=number)
    answer = await api.get(path, dataSourceId=str(number))
    assert answer.status == 200
    assert [row["sid"] for row in answer.body] == [sid]
    assert len((await api.get(path)).body) == 3


@pytest.mark.parametrize("path", ["/traits", "/segments"])
async def test_a_trait_or_segment_is_a_200_and_absent_or_deleted_a_404(api, path):
    sid = await api.trait() if path == "/traits" else await api.segment("1024T")
    assert (await api.get(f"{path}/{sid}")).status == 200
    await api.delete(f"{path}/{sid}")
    for absent in (sid, 999999, "abc", "ic:nothing"):
        answer = await api.get(f"{path}/{absent}")
        assert (answer.status, answer.body["code"]) == (404, 404)


async def test_what_is_put_is_a_200_with_the_object(api):
    number = await api.data_source()
    trait = await api.trait(dataSourceId=number)
    segment = await api.segment(f"{trait}T")
    for path in (f"/datasources/{number}", f"/traits/{trait}", f"/segments/{segment}"):
        whole = (await api.get(path)).body
        answer = await api.put(path, whole | {"name": "New name", "description": "New"})
        assert (answer.status, answer.body["name"], answer.body["description"]) == (200, "New name", "New")
        assert (await api.get(path)).body == answer.body


@pytest.mark.parametrize("slashes", ["/", "//"])
async def test_a_deletion_is_an_empty_204_also_with_doubled_slashes(api, slashes):
    number = await api.data_source()
    trait = await api.trait(dataSourceId=number)
    segment = await api.segment(f"{trait}T", dataSourceId=number)
    for path in (f"/segments{slashes}{segment}", f"/traits{slashes}{trait}", f"/datasources{slashes}{number}"):
        answer = await api.delete(path)
        assert (answer.status, answer.text) == (204, "")


@pytest.mark.parametrize("path", ["/traits/limits", "/segments/limits", "/destinations/limits"])
async def test_limits_are_an_object(api, path):
    answer = await api.get(path)
    assert answer.status == 200
    assert all(limit["limit"] > 0 for limit in answer.body.values())


@pytest.mark.parametrize("path", ["/folders/traits", "/folders/segments"])
async def test_folders_are_an_array_of_one_root(api, path):
    answer = await api.get(path)
    assert answer.status == 200
    [root] = answer.body
    assert (root["folderId"], root["parentFolderId"], root["path"], root["subFolders"]) == (0, 0, "/", [])


@pytest.mark.parametrize("name", [None, "", "  "])
async def test_a_segment_or_trait_without_a_name_is_a_400(api, name):
    segment = {"dataSourceId": 38888, "name": name, "segmentRule": "1024T", "folderId": 0}
    for path, body in (("/segments/", segment), ("/traits/", TRAIT | {"name": name})):
        answer = await api.post(path, {key: value for key, value in body.items() if value is not None})
        assert (answer.status, answer.body["errors"]) == (400, ["name: is missing"])


async def test_a_page_is_an_object_with_numbers(api):
    answer = await api.get("/traits/", page="0", pageSize="1")
    assert answer.body.keys() == {"total", "page", "pageSize", "list"}
    assert (answer.body["total"], answer.body["page"], answer.body["pageSize"]) == (2, 0, 1)
    assert len(answer.body["list"]) == 1


async def test_pages_neither_repeat_nor_skip(api):
    for _ in range(5):
        await api.trait()
    pages = [(await api.get("/traits/", page=str(page), pageSize="3")).body["list"] for page in range(4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [row["sid"] for page in pages for row in page] == [row["sid"] for row in (await api.get("/traits/")).body]


async def test_traits_and_segments_always_have_their_members(api):
    trait = await api.trait()
    await api.segment(f"{trait}T")
    for path, members in (
        ("/traits/", {"traitType", "traitRule", "status"}),
        ("/segments/", {"segmentRule", "status"}),
    ):
        rows = (await api.get(path)).body
        for row in [*rows, (await api.get(f"{path}{rows[-1]['sid']}")).body]:
            assert row.keys() >= ALWAYS | members
            assert all(isinstance(row[name], int) for name in ("sid", "dataSourceId", "folderId"))
            assert isinstance(row["description"], str)
            assert row["createTime"] > 1_500_000_000_000


async def test_a_trait_is_flat(api):
    body = (await api.get("/traits/1024")).body
    assert not [name for name, value in body.items() if isinstance(value, list | dict)]
    assert len(body) == len(Trait.__dataclass_fields__)


async def test_a_segment_read_singly_has_one_array_the_data_sources_of_its_traits(api):
    number = await api.data_source()
    segment = await api.segment(f"1024T AND {await api.trait(dataSourceId=number)}T")
    body = (await api.get(f"/segments/{segment}")).body
    arrays = {name: value for name, value in body.items() if isinstance(value, list | dict)}
    assert arrays == {"traitDataSourceIds": [38888, number]}


async def test_other_arrays_appear_when_asked_for_only(api):
    for row in (await api.get("/segments/")).body + (await api.get("/traits/")).body:
        assert not [name for name, value in row.items() if isinstance(value, list | dict)]
    [first, *_] = (await api.get("/segments/", includeTraitDataSourceIds="true", includePermissions="1")).body
    assert first["traitDataSourceIds"] == [38888]
    assert "READ" in first["permissions"]


async def test_every_folder_has_its_id_its_parent_and_its_path(api):
    outer = (await api.made("/folders/traits/", name="Outer", parentFolderId=0))["folderId"]
    inner = (await api.made("/folders/traits/", name="Inner", parentFolderId=outer))["folderId"]
    [root] = (await api.get("/folders/traits")).body
    [first] = root["subFolders"]
    [second] = first["subFolders"]
    assert (root["folderCount"], first["folderId"], second["folderId"]) == (1, outer, inner)
    assert (second["parentFolderId"], second["path"]) == (outer, "/Outer/Inner")
    for folder in (root, first, second):
        told = [name for name in folder if name.lower().endswith(("folderid", "parentfolderid", "path"))]
        assert sorted(told) == ["folderId", "parentFolderId", "path"]
    assert (await api.get("/folders/segments")).body[0]["subFolders"] == []


async def test_folder_0_is_usable(api):
    assert (await api.get(f"/traits/{await api.trait(folderId=0)}")).body["folderId"] == 0


async def test_the_type_narrows_no_segments(api):
    assert len((await api.get("/segments/", type="ON_BOARDED_TRAIT")).body) == 2


async def test_a_data_source_can_be_deleted_once_it_is_empty(api):
    number = await api.data_source()
    trait = await api.trait(dataSourceId=number)
    segment = await api.segment("1024T", dataSourceId=number)
    answer = await api.delete(f"/datasources/{number}")
    assert (answer.status, answer.body["errors"]) == (409, [f"{number}: 1 traits, 1 segments"])
    await api.delete(f"/segments/{segment}")
    assert (await api.delete(f"/datasources/{number}")).status == 409
    await api.delete(f"/traits/{trait}")
    assert (await api.delete(f"/datasources/{number}")).status == 204
    assert (await api.get(f"/datasources/{number}")).status == 404


async def test_twenty_simultaneous_requests_are_all_answered_rightly(api):
    sids = await asyncio.gather(*(api.trait(name=f"Trait {number}") for number in range(20)))
    assert len(set(sids)) == 20
    answers = await asyncio.gather(*(api.get(f"/traits/{sid}") for sid in sids))
    assert [answer.body["name"] for answer in answers] == [f"Trait {number}" for number in range(20)]


async def test_what_is_unknown_is_ignored(api):
    sid = await api.trait(colour="red", nested={"deep": [1]})
    assert (await api.get(f"/traits/{sid}", colour="red")).status == 200


async def test_ids_may_be_text_and_booleans_of_any_spelling(api):
    sid = await api.trait(dataSourceId="38888", folderId="0")
    assert (await api.get(f"/traits/{sid}")).body["dataSourceId"] == 38888
    for text, told in (("True", True), ("1", True), ("False", False), ("0", False)):
        [first, *_] = (await api.get("/traits/", includeDetails=text)).body
        assert ("ttl" in first) is told


async def test_bodies_and_content_types_of_get_and_delete_do_not_matter(api):
    sid = await api.trait()
    for headers in ({"Content-Type": "application/json"}, {"Accept": "*/*", "Content-Length": "0"}):
        assert (await api.call("GET", f"/v1/traits/{sid}", headers=headers)).status == 200
    assert (await api.call("DELETE", f"/v1/traits/{sid}", headers={"Content-Type": "application/json"})).status == 204


async def test_the_host_does_not_matter(api):
    for host in ("api.demdex.com", "aam.adobe.io", "api-beta.demdex.com"):
        assert (await api.call("GET", "/v1/traits/1024", headers={"Host": host})).status == 200
