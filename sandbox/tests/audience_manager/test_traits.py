"""Traits (audience-manager 1.3, 1.4, 1.5)."""

import pytest


async def test_a_trait_has_its_defaults(api):
    body = (await api.get(f"/traits/{await api.trait()}")).body
    assert (body["ttl"], body["status"], body["traitRule"], body["traitRuleVersion"]) == (120, "ACTIVE", "", 1)


@pytest.mark.parametrize("missing", ["name", "traitType", "dataSourceId", "folderId"])
async def test_four_members_are_needed(api, missing):
    body = {"name": "t", "traitType": "RULE_BASED_TRAIT", "dataSourceId": 38888, "folderId": 0}
    answer = await api.post("/traits/", {name: value for name, value in body.items() if name != missing})
    assert (answer.status, answer.body["errors"]) == (400, [f"{missing}: is missing"])


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"traitType": "OTHER"}, "traitType: Input should be"),
        ({"dataSourceId": 999}, "dataSourceId: is unknown"),
        ({"dataSourceId": 20914}, "dataSourceId: is unknown"),
        ({"folderId": 999}, "folderId: is unknown"),
        ({"ttl": -1}, "ttl: is negative"),
        ({"traitRule": "k =="}, "traitRule: At character 5 there should be"),
        ({"name": "n" * 256}, "name: is too long"),
    ],
)
async def test_what_does_not_fit_is_told_by_member(api, fields, error):
    body = {"name": "t", "traitType": "RULE_BASED_TRAIT", "dataSourceId": 38888, "folderId": 0} | fields
    answer = await api.post("/traits/", body)
    assert answer.status == 400
    assert answer.body["errors"][0].startswith(error)


async def test_lists_are_narrowed_also_by_several_data_sources(api):
    folder = (await api.made("/folders/traits/", name="Mine"))["folderId"]
    first, second = await api.data_source(), await api.data_source()
    one = await api.trait(dataSourceId=first, folderId=folder)
    two = await api.trait(dataSourceId=second, integrationCode="two")
    both = await api.call("GET", "/v1/traits/", params=[("dataSourceId", str(first)), ("dataSourceId", str(second))])
    assert [row["sid"] for row in both.body] == [one, two]
    assert [row["sid"] for row in (await api.get("/traits/", folderId=str(folder))).body] == [one]
    assert [row["sid"] for row in (await api.get("/traits/", integrationCode="two")).body] == [two]
    assert [row["sid"] for row in (await api.get("/traits/", ic="two")).body] == [two]
    assert (await api.get("/traits/", dataSourceId="x")).status == 400


async def test_details_and_metrics_are_listed_if_asked_for(api):
    plain = (await api.get("/traits/")).body[0]
    asked = (await api.get("/traits/", includeDetails="true", includeMetrics="true")).body[0]
    assert asked.keys() - plain.keys() >= {"ttl", "integrationCode", "comments", "traitRuleVersion", "type"}
    assert {"uniques1Day", "uniques60Day", "count7Day"} <= asked.keys() - plain.keys()


async def test_one_is_found_by_its_integration_code(api):
    sid = await api.trait(integrationCode="my/code 1")
    assert (await api.get("/traits/ic:my%2Fcode%201")).body["sid"] == sid
    assert (await api.delete("/traits/ic:my%2Fcode%201")).status == 204
    assert (await api.get(f"/traits/{sid}")).status == 404


async def test_integration_codes_are_unique_where_the_data_source_wants_it(api):
    strict = await api.data_source(uniqueTraitIntegrationCodes=True)
    sid = await api.trait(dataSourceId=strict, integrationCode="a")
    body = {"name": "t", "traitType": "ON_BOARDED_TRAIT", "folderId": 0, "integrationCode": "a"}
    assert (await api.post("/traits/", body | {"dataSourceId": strict})).status == 409
    assert (await api.post("/traits/", body | {"dataSourceId": 38888})).status == 201
    assert (await api.put(f"/traits/{sid}", {"name": "renamed"})).status == 200


async def test_a_change_needs_the_name(api):
    answer = await api.put("/traits/1024", {"description": "x"})
    assert (answer.status, answer.body["errors"]) == (400, ["name: is missing"])


async def test_each_rule_is_a_version(api):
    sid = await api.trait(traitType="RULE_BASED_TRAIT", traitRule='a == "1"')
    await api.put(f"/traits/{sid}", {"name": "t", "traitRule": 'a == "2"'})
    changed = (await api.put(f"/traits/{sid}", {"name": "only the name"})).body
    versions = (await api.get(f"/traits/{sid}/trait-rule/versions")).body
    assert changed["traitRuleVersion"] == 2
    assert [(each["version"], each["traitRule"]) for each in versions] == [(2, 'a == "2"'), (1, 'a == "1"')]


@pytest.mark.parametrize(
    ("code", "valid"),
    [("price >= 1.00 AND price <= 100.00", True), ("segID = 7", True), ("123 == 1", False), ("", False)],
)
async def test_a_rule_is_validated(api, code, valid):
    body = (await api.post("/traits/validate", {"code": code})).body
    assert body["valid"] is valid
    assert bool(body["errors"]) is not valid


async def test_a_call_without_a_rule_to_validate_is_a_400(api):
    assert (await api.post("/traits/validate", {})).status == 400


async def test_several_are_deleted_in_one_call_or_none(api):
    first, second = await api.trait(), await api.trait()
    assert (await api.post("/traits/bulk-delete", [first, 999999])).status == 404
    assert (await api.get(f"/traits/{first}")).status == 200
    assert (await api.post("/traits/bulk-delete", [first, second])).status == 204
    assert (await api.get(f"/traits/{second}")).status == 404


async def test_a_trait_in_a_rule_can_be_deleted_unless_it_is_assumed_that_it_cannot(calling):
    async with calling() as api:
        assert (await api.delete("/traits/1024")).status == 204
    async with calling({"traits_in_segments_are_kept": True}) as api:
        answer = await api.delete("/traits/1024")
        assert (answer.status, answer.body["errors"]) == (409, ["1024: is in use"])
        assert (await api.post("/traits/bulk-delete", [await api.trait(), 1024])).status == 409
        assert (await api.delete(f"/traits/{await api.trait()}")).status == 204


async def test_no_more_are_made_than_the_limits_allow(calling):
    async with calling({"most_traits": 3, "most_algorithmic_traits": 0}) as api:
        body = {"name": "t", "traitType": "ALGO_TRAIT", "dataSourceId": 38888, "folderId": 0}
        assert (await api.post("/traits/", body)).body["errors"] == ["limit: 0"]
        await api.trait()
        answer = await api.post("/traits/", body | {"traitType": "RULE_BASED_TRAIT"})
        assert (answer.status, answer.body["errors"]) == (409, ["limit: 3"])
        assert (await api.get("/traits/limits")).body["traits"] == {"limit": 3, "count": 3}
