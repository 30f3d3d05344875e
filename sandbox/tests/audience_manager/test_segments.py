"""Segments (audience-manager 1.3, 1.4, 1.5)."""

import pytest


@pytest.mark.parametrize("missing", ["name", "segmentRule", "dataSourceId", "folderId"])
async def test_four_members_are_needed(api, missing):
    body = {"name": "s", "segmentRule": "1024T", "dataSourceId": 38888, "folderId": 0}
    answer = await api.post("/segments/", {name: value for name, value in body.items() if name != missing})
    assert (answer.status, answer.body["errors"]) == (400, [f"{missing}: is missing"])


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"segmentRule": "1024T AND"}, "segmentRule: At character 10 there should be a trait such as 1T, not the end."),
        ({"segmentRule": "1024T AND 7T"}, "segmentRule: 7T is unknown"),
        ({"segmentRule": "FREQUENCY([1024T]) <= 5"}, "segmentRule: holds without traits"),
        ({"segmentRule": f"{2**80}T"}, "segmentRule: '1' at character 1 is not part of a rule."),
        ({"dataSourceId": 999}, "dataSourceId: is unknown"),
        ({"folderId": 999}, "folderId: is unknown"),
        ({"mergeRuleDataSourceId": 38888}, "mergeRuleDataSourceId: is unknown"),
    ],
)
async def test_what_does_not_fit_is_told_by_member(api, fields, error):
    body = {"name": "s", "segmentRule": "1024T", "dataSourceId": 38888, "folderId": 0} | fields
    answer = await api.post("/segments/", body)
    assert (answer.status, answer.body["errors"]) == (400, [error])


@pytest.mark.parametrize(
    "rule",
    [
        "1024T AND (1025T OR NOT 1024T)",
        "FREQUENCY([1024T,1025T]<=5D)>=2",
        "frequency([1024T]) >= 1 AND frequency([1024T]) <= 5",
    ],
)
async def test_rules_of_the_documents_are_taken_as_they_are(api, rule):
    assert (await api.get(f"/segments/{await api.segment(rule)}")).body["segmentRule"] == rule


async def test_lists_are_narrowed(api):
    folder = (await api.made("/folders/segments/", name="Mine"))["folderId"]
    trait = await api.trait()
    sid = await api.segment(
        f"1024T AND {trait}T", folderId=folder, mergeRuleDataSourceId=38891, integrationCode="mine", status="INACTIVE"
    )
    for asked in (
        {"folderId": folder},
        {"mergeRuleDataSourceId": 38891},
        {"integrationCode": "mine"},
        {"status": "INACTIVE"},
        {"containsTrait": trait},
    ):
        found = (await api.get("/segments/", **{name: str(value) for name, value in asked.items()})).body
        assert [row["sid"] for row in found] == [sid], asked
    assert [row["sid"] for row in (await api.get("/segments/", containsTrait="1024")).body] == [24, sid]
    assert (await api.get("/segments/", pid="1")).body == []


async def test_those_changed_since_a_moment_are_listed(api):
    since = (await api.get("/segments/24")).body["updateTime"] + 1
    await api.guest.post("/sandbox/clock", {"advance_seconds": 60})
    sid = await api.segment("1024T")
    assert [row["sid"] for row in (await api.get("/segments/", updatedSince=str(since))).body] == [sid]
    assert (await api.get("/segments/", updatedSince="yesterday")).status == 400


async def test_more_is_told_if_asked_for(api):
    sid = await api.segment("1024T AND NOT FREQUENCY([1025T]<=5D)>=2")
    asked = {"includeMetrics": "true", "includeInUseStatus": "true", "includeExprTree": "true"}
    body = (await api.get(f"/segments/{sid}", **asked)).body
    assert body["inUse"] is False
    assert {"instantUniques1Day", "totalUniques90Day", "totalUniquesLifetime"} <= body.keys()
    frequency = {"traits": [1025], "frequencyOperator": ">=", "frequency": 2, "recencyOperator": "<=", "recencyDays": 5}
    assert body["exprTree"]["operands"][1] == {"operator": "NOT", "operands": [frequency]}
    assert (await api.get("/segments/24", includeInUseStatus="true")).body["inUse"] is True


async def test_one_is_found_by_its_integration_code(api):
    sid = await api.segment("1024T", integrationCode="gold")
    assert (await api.get("/segments/ic:gold")).body["sid"] == sid
    assert (await api.put("/segments/ic:gold", {"name": "Gold"})).body["name"] == "Gold"
    assert (await api.delete("/segments/ic:gold")).status == 204


async def test_a_mapped_segment_cannot_be_deleted(api):
    answer = await api.delete("/segments/24")
    assert (answer.status, answer.body["errors"]) == (409, ["24: is mapped"])
    other = await api.segment("1024T")
    assert (await api.post("/segments/bulk-delete", [other, 24])).status == 409
    assert (await api.post("/segments/bulk-delete", [other])).status == 204


async def test_one_merge_rule_is_replaced_by_another_everywhere(api):
    first, second = await api.segment("1024T", mergeRuleDataSourceId=38890), await api.segment("1025T")
    body = {"existingMergeRuleDataSourceId": 38890, "replaceWithMergeRuleDataSourceId": 38891}
    assert (await api.post("/segments/bulk-merge-rule-replace", body)).status == 200
    assert (await api.get(f"/segments/{first}")).body["mergeRuleDataSourceId"] == 38891
    assert (await api.get(f"/segments/{second}")).body["mergeRuleDataSourceId"] == 0
    unknown = body | {"replaceWithMergeRuleDataSourceId": 38888}
    assert (await api.post("/segments/bulk-merge-rule-replace", unknown)).status == 400


async def test_no_more_are_made_than_the_limits_allow(calling):
    async with calling({"most_segments": 2}) as api:
        body = {"name": "s", "segmentRule": "1024T", "dataSourceId": 38888, "folderId": 0}
        answer = await api.post("/segments/", body)
        assert (answer.status, answer.body["errors"]) == (409, ["limit: 2"])
