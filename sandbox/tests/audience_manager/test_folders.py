"""Folders of traits and of segments (audience-manager 1.3, 1.4)."""

import pytest


async def folder(api, name, parent=0, kind="traits"):
    return (await api.made(f"/folders/{kind}/", name=name, parentFolderId=parent))["folderId"]


async def test_a_folder_is_told_with_what_is_below_it(api):
    outer = await folder(api, "Outer")
    await folder(api, "Inner", outer)
    body = (await api.get(f"/folders/traits/{outer}")).body
    assert (body["path"], body["folderCount"]) == ("/Outer", 1)
    assert body["subFolders"][0]["path"] == "/Outer/Inner"
    assert (await api.get("/folders/traits/0")).body["subFolders"][0]["folderId"] == outer


async def test_a_folder_is_renamed_and_moved(api):
    outer, inner = await folder(api, "Outer"), await folder(api, "Inner")
    body = (await api.put(f"/folders/traits/{inner}", {"name": "Moved", "parentFolderId": outer})).body
    assert body["path"] == "/Outer/Moved"
    assert (await api.put(f"/folders/traits/{outer}", {"name": "Outer", "parentFolderId": inner})).status == 409
    assert (await api.put(f"/folders/traits/{outer}", {"name": "Outer", "parentFolderId": outer})).status == 409


async def test_a_folder_is_deleted_once_it_is_empty(api):
    outer = await folder(api, "Outer")
    inner = await folder(api, "Inner", outer)
    trait = await api.trait(folderId=inner)
    assert (await api.delete(f"/folders/traits/{outer}")).status == 409
    assert (await api.delete(f"/folders/traits/{inner}")).status == 409
    await api.delete(f"/traits/{trait}")
    assert (await api.delete(f"/folders/traits/{inner}")).status == 204
    assert (await api.delete(f"/folders/traits/{outer}")).status == 204
    assert (await api.get(f"/folders/traits/{outer}")).status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_the_root_stays_as_it_is(api, method):
    assert (await api.call(method, "/v1/folders/traits/0", {"name": "Mine"})).status == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "name: is missing"),
        ({"name": "a/b"}, "name: has a slash"),
        ({"name": "a", "parentFolderId": 99}, "parentFolderId: is unknown"),
    ],
)
async def test_what_does_not_fit_is_told_by_member(api, body, error):
    answer = await api.post("/folders/segments/", body)
    assert (answer.status, answer.body["errors"]) == (400, [error])


async def test_folders_are_five_deep_at_most(api):
    parent = 0
    for level in range(5):
        parent = await folder(api, f"Level {level}", parent)
    answer = await api.post("/folders/traits/", {"name": "Too deep", "parentFolderId": parent})
    assert (answer.status, answer.body["errors"]) == (409, ["limit: 5"])
    top = await folder(api, "Top")
    await folder(api, "Below", top)
    fourth = (await api.get(f"/folders/traits/{parent}")).body["parentFolderId"]
    assert (await api.put(f"/folders/traits/{top}", {"name": "Top", "parentFolderId": fourth})).status == 409


async def test_there_are_no_more_folders_than_the_limits_allow(calling):
    async with calling({"most_folders": 1}) as api:
        await folder(api, "One")
        assert (await api.post("/folders/traits/", {"name": "Two"})).status == 409
        assert await folder(api, "Of segments", kind="segments")
