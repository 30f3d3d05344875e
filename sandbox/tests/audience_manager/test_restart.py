"""What there is to begin with, and what is kept from one start to the next."""

import pytest
from audience_gateway_sandbox.audience_manager.objects import AuthenticatedOption


async def test_the_ready_file_tells_the_address(guest):
    assert guest.ready["audience_manager"] == {"url": guest.ready["admin"]["url"]}


async def test_the_shared_audience_stands_for_objects(api):
    segment = (await api.get("/segments/24")).body
    assert (segment["segmentRule"], segment["traitDataSourceIds"]) == ("1024T", [38888])
    assert (await api.get("/traits/1024")).body["traitType"] == "ON_BOARDED_TRAIT"
    assert (await api.get("/datasources/38888")).body["name"] == "Adobe Campaign (MID)"
    [declared] = (await api.get("/datasources/", integrationCode="AdobeCampaignID")).body
    assert (declared["name"], declared["supportsAuthenticatedProfile"]) == ("Adobe Campaign (DeclaredId)", True)
    destination = (await api.get("/destinations/4711", includeMappings="true")).body
    assert (destination["dataSourceId"], [each["sid"] for each in destination["mappings"]]) == (38888, [24, 25])


async def test_a_rule_looks_at_the_last_authenticated_profile_of_declared_ids(api):
    rules = api.sandbox.instance.audience_manager.store.merge_rules.all(authenticated=AuthenticatedOption.LAST)
    assert [(rule.data_source_id, rule.authenticated_source_ids) for rule in rules] == [(38891, (38889,))]


async def test_it_was_all_made_when_the_sandbox_began(api):
    began = api.sandbox.instance.state.began.timestamp()
    assert abs((await api.get("/segments/24")).body["createTime"] / 1000 - began) < 0.01


async def test_objects_are_kept_from_one_start_to_the_next(calling, tmp_path):
    paths = []
    async with calling(state=tmp_path) as api:
        source = await api.data_source(integrationCode="shop", samplingEnabled=True)
        folder = (await api.made("/folders/traits/", name="Kept"))["folderId"]
        trait = await api.trait(dataSourceId=source, folderId=folder, traitRule='a == "1"')
        segment = await api.segment(f"{trait}T", mergeRuleDataSourceId=38891)
        destination = await api.destination(dataExportLabels=["PII"])
        mapping = {"sid": segment, "startDate": "2026-03-01", "url": "https://example.org"}
        number = (await api.made(f"/destinations/{destination}/mappings/", **mapping))["mappingId"]
        await api.delete("/traits/1025")
        paths = [f"/datasources/{source}", "/folders/traits", f"/traits/{trait}", f"/segments/{segment}"]
        paths += [f"/destinations/{destination}", f"/destinations/{destination}/mappings/{number}", "/users/self"]
        before = [(await api.get(path)).body for path in paths]
    async with calling(state=tmp_path) as api:
        assert [(await api.get(path)).body for path in paths] == before
        assert (await api.get("/traits/1025")).status == 404
        assert await api.trait() == trait + 1


async def test_an_interrupted_seeding_is_done_anew(calling, tmp_path):
    async with calling(state=tmp_path):
        pass
    (tmp_path / "audience_manager.sqlite").unlink()
    (tmp_path / ".audience_manager.sqlite.part").write_bytes(b"half")
    async with calling(state=tmp_path) as api:
        assert (await api.get("/segments/24")).status == 200


@pytest.mark.parametrize("path", ["/segments/24", "/datasources/38888", "/destinations/4711", "/traits/1024"])
async def test_each_object_has_a_tag_that_locks_optimistically(api, path):
    first = await api.get(path)
    tag = first.headers["ETag"]
    assert (await api.call("GET", f"/v1{path}", headers={"If-None-Match": tag})).status == 304
    changed = await api.call("PUT", f"/v1{path}", {"name": "First"}, headers={"If-Match": tag})
    assert changed.status == 200
    late = await api.call("PUT", f"/v1{path}", {"name": "Second"}, headers={"If-Match": tag})
    assert (late.status, late.body["code"]) == (412, 412)
    assert (await api.call("DELETE", f"/v1{path}", headers={"If-Match": tag})).status == 412
    assert (await api.get(path)).body["name"] == "First"
    again = await api.call("PUT", f"/v1{path}", {"name": "Third"}, headers={"If-Match": changed.headers["ETag"]})
    assert again.status == 200
    assert (await api.call("PUT", f"/v1{path}", {"name": "Any"}, headers={"If-Match": "*"})).status == 200
