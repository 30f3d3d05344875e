"""Users, groups and role-based access control (audience-manager 1.1, 9)."""

from contextlib import asynccontextmanager

import pytest
from audience_gateway_sandbox import credentials

USER = {"username": "ada", "firstName": "Ada", "lastName": "L", "emailAddress": "ada@example.org"}


@pytest.fixture
def bound(calling):
    """Call a sandbox where roles matter, as a user with some wildcards, if they are told."""

    @asynccontextmanager
    async def call(*wildcards, permissions=()):
        async with calling({"role_based_access": True}) as api:
            me = (await api.get("/users/self")).body["userId"]
            rights = f"/sandbox/audience-manager/users/{me}"
            await api.call("PUT", rights, {"isAdmin": True})
            group = (await api.made("/groups/", name="Mine", wildcards=list(wildcards)))["groupId"]
            await api.put(f"/groups/{group}/permissions/", list(permissions))
            await api.call("PUT", rights, {"isAdmin": False, "groups": [group]})
            yield api

    return call


async def test_the_technical_account_is_a_user(api):
    body = (await api.get("/users/self")).body
    assert (body["username"], body["status"]) == (credentials.TECHNICAL_ACCOUNT, "ACTIVE")
    assert (await api.get("/users/self")).body == body
    assert (await api.get(f"/segments/{await api.segment('1024T')}")).body["crUID"] == body["userId"]


async def test_who_calls_changes_himself(api):
    for path in ("/users/self", "/self/update"):
        body = (await api.put(path, {"firstName": path, "isAdmin": True})).body
        assert (body["firstName"], body["isAdmin"]) == (path, False)


async def test_a_user_is_made_changed_and_removed(api):
    group = (await api.made("/groups/", name="G"))["groupId"]
    number = (await api.made("/users/", **USER, groups=[group]))["userId"]
    assert (await api.get(f"/users/{number}")).body["groups"] == [group]
    assert (await api.put(f"/users/{number}", {"status": "LOCKED"})).body["status"] == "LOCKED"
    assert [row["userId"] for row in (await api.get("/users/", groupId=str(group))).body] == [number]
    assert (await api.delete(f"/users/{number}")).status == 204
    assert (await api.get(f"/users/{number}")).status == 404


async def test_a_taken_username_is_a_409(api):
    number = (await api.made("/users/", **USER))["userId"]
    assert (await api.post("/users/", USER)).status == 409
    other = (await api.made("/users/", username="grace"))["userId"]
    assert (await api.put(f"/users/{other}", {"username": "ada"})).status == 409
    assert (await api.put(f"/users/{number}", USER)).status == 200


@pytest.mark.parametrize("fields", [{"username": ""}, {"status": "ASLEEP"}, {"groups": [99]}, {"groups": "all"}])
async def test_a_user_that_does_not_fit_is_a_400(api, fields):
    assert (await api.post("/users/", USER | fields)).status == 400


async def test_nobody_removes_himself(api):
    me = (await api.get("/users/self")).body["userId"]
    other = (await api.made("/users/", **USER))["userId"]
    assert (await api.delete(f"/users/{me}")).status == 409
    assert (await api.post("/users/bulk-delete", [other, me])).status == 409
    assert (await api.post("/users/bulk-delete", [other])).status == 204


async def test_a_group_is_made_changed_and_removed_from_its_members(api):
    body = await api.made("/groups/", name="G", description="d", wildcards=["VIEW_ALL_SEGMENTS"])
    number = body["groupId"]
    user = (await api.made("/users/", **USER, groups=[number]))["userId"]
    body = (await api.put(f"/groups/{number}", {"name": "H"})).body
    assert (body["name"], body["membershipCount"], body["users"]) == ("H", 1, [user])
    assert [row["groupId"] for row in (await api.get("/groups/")).body] == [number]
    assert (await api.delete(f"/groups/{number}")).status == 204
    assert (await api.get(f"/users/{user}")).body["groups"] == []
    assert (await api.get(f"/groups/{number}/permissions")).status == 404


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_several_groups_are_removed_by_either_verb(api, method):
    numbers = [(await api.made("/groups/", name=name))["groupId"] for name in "GH"]
    assert (await api.call(method, "/v1/groups/bulk-delete", [*numbers, 99])).status == 404
    assert (await api.call(method, "/v1/groups/bulk-delete", numbers)).status == 204
    assert (await api.get("/groups/")).body == []


async def test_permissions_of_a_group_are_overwritten(api):
    number = (await api.made("/groups/", name="G"))["groupId"]
    first = [{"objectType": "SEGMENT", "objectId": 24, "permissions": ["READ", "WRITE"]}]
    second = [{"objectType": "TRAIT", "objectId": 1024, "permissions": ["MAP_TO_SEGMENTS"]}]
    for wanted in (first, second):
        answer = await api.put(f"/groups/{number}/permissions/", wanted)
        assert (answer.status, answer.body) == (200, wanted)
        assert (await api.get(f"/groups/{number}/permissions")).body == wanted


@pytest.mark.parametrize(
    "permission",
    [
        {"objectType": "SEGMENT", "objectId": 999, "permissions": ["READ"]},
        {"objectType": "TAGS", "objectId": 24, "permissions": ["READ"]},
        {"objectType": "SEGMENT", "objectId": 24, "permissions": ["MAP_TO_SEGMENTS"]},
        {"objectType": "SEGMENT", "objectId": 24},
        7,
    ],
)
async def test_a_permission_that_does_not_fit_is_a_400(api, permission):
    number = (await api.made("/groups/", name="G"))["groupId"]
    assert (await api.put(f"/groups/{number}/permissions", [permission])).status == 400


async def test_an_unknown_wildcard_is_a_400(api):
    assert (await api.post("/groups/", {"name": "G", "wildcards": ["DO_ANYTHING"]})).status == 400


async def test_what_can_be_permitted_is_told(api):
    types = (await api.get("/permissionable-object-types/")).body
    assert types == ["SEGMENT", "TRAIT", "DESTINATION", "DERIVED_SIGNALS", "TAGS"]
    body = (await api.get("/permissionable-object-types/SEGMENT/")).body
    assert body["wildcard"][0] == "VIEW_ALL_SEGMENTS"
    assert body["perObject"] == ["READ", "WRITE", "CREATE", "DELETE", "MAP_TO_MODELS", "MAP_TO_DESTINATION"]
    assert (await api.get("/permissionable-object-types/HOUSE")).status == 404


async def test_a_stranger_is_refused_until_he_is_a_user(calling):
    async with calling({"role_based_access": True}) as api:
        assert (await api.get("/segments/")).status == 403
        await api.get("/users/self")
        assert (await api.get("/segments/")).body == []
        assert (await api.get("/segments/24")).status == 403
        assert (await api.get("/users/")).status == 403


async def test_who_is_locked_is_refused(bound):
    async with bound("VIEW_ALL_SEGMENTS") as api:
        me = (await api.get("/users/self")).body["userId"]
        assert (await api.get("/segments/24")).status == 200
        await api.call("PUT", f"/sandbox/audience-manager/users/{me}", {"status": "LOCKED"})
        assert (await api.get("/segments/24")).status == 403


async def test_a_wildcard_is_for_all_objects(bound):
    async with bound("VIEW_ALL_SEGMENTS", "VIEW_ALL_TRAITS") as api:
        assert len((await api.get("/segments/")).body) == 2
        assert (await api.get("/segments/24", includePermissions="true")).body["permissions"] == ["READ"]
        assert (await api.put("/segments/24", {"name": "Mine"})).status == 403
        assert (await api.delete("/traits/1024")).status == 403
        assert (await api.post("/traits/bulk-delete", [1024])).status == 403
        assert (await api.get("/segments/", permissions="WRITE")).body == []


async def test_a_permission_is_for_one_object(bound):
    permission = {"objectType": "SEGMENT", "objectId": 24, "permissions": ["READ", "WRITE"]}
    async with bound(permissions=[permission]) as api:
        assert [row["sid"] for row in (await api.get("/segments/")).body] == [24]
        assert (await api.put("/segments/24", {"name": "Mine"})).status == 403  # its trait may not be used
        assert (await api.get("/segments/25")).status == 403


async def test_what_one_makes_is_ones_own(bound):
    async with bound("CREATE_ALL_TRAITS", "CREATE_ALL_SEGMENTS", "CREATE_DESTINATIONS") as api:
        trait = await api.trait()
        sid = await api.segment(f"{trait}T")
        number = await api.destination()
        mapping = {"sid": sid, "startDate": "2026-03-01", "url": "https://example.org"}
        assert (await api.post(f"/destinations/{number}/mappings/", mapping)).status == 201
        assert (await api.post("/destinations/4711/mappings/", mapping | {"traitAlias": "x"})).status == 403
        assert (
            await api.post("/segments/", {"name": "s", "segmentRule": "1024T", "dataSourceId": 38888, "folderId": 0})
        ).status == 403


async def test_without_wildcards_nothing_is_made(bound):
    async with bound() as api:
        trait = {"name": "t", "traitType": "ON_BOARDED_TRAIT", "dataSourceId": 38888, "folderId": 0}
        assert (await api.post("/traits/", trait)).status == 403
        assert (await api.post("/destinations/", {"name": "d", "destinationType": "PUSH"})).status == 403
        assert (await api.get("/datasources/38888/history/inbound")).status == 403
