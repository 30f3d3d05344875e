"""Labels and policies (rtcdp 8.1, 8.2)."""

import pytest

from .activating import activate, gold, selector

BASE = "/data/foundation/dulepolicy"
EMAIL = "/properties/personalEmail/properties/address"
LABELS = "/data/foundation/dataset/datasets/{}/labels"


def policy(*labels, action="emailTargeting", status="ENABLED"):
    return {
        "name": "p",
        "status": status,
        "marketingActionRefs": [f"https://platform/data/foundation/dulepolicy/marketingActions/core/{action}"],
        "deny": {"operator": "AND", "operands": [{"label": label} for label in labels]},
    }


async def judged(caller, labels, action="core/emailTargeting", **more):
    query = "&".join(f"{name}={value}" for name, value in more.items())
    address = f"{BASE}/marketingActions/{action}/constraints?duleLabels={labels}&{query}"
    return (await caller.get(address))["violatedPolicies"]


async def label(caller, dataset, *fields, whole=()):
    optional = [{"option": {"schemaPath": path}, "labels": labels} for path, labels in fields]
    status, _ = await caller.ask("PUT", LABELS.format(dataset), {"labels": list(whole), "optionalLabels": optional})
    assert status == 200


async def test_golden_a_violation_is_answered_200_with_the_policy(caller):
    made = await caller.post(f"{BASE}/policies/custom", policy("C1", "C3"))
    status, answer = await caller.ask(
        "GET", f"{BASE}/marketingActions/core/emailTargeting/constraints?duleLabels=C1,C3"
    )
    assert status == 200
    assert [each["id"] for each in answer["violatedPolicies"]] == [made["id"]]
    assert answer["duleLabels"] == ["C1", "C3"]


@pytest.mark.parametrize("labels", ["C1", "C3", "c1,c3", "C2,C4"])
async def test_none_is_violated_unless_all_labels_are_there_as_they_are_spelled(caller, labels):
    await caller.post(f"{BASE}/policies/custom", policy("C1", "C3"))
    assert await judged(caller, labels) == []


async def test_drafts_count_only_if_asked_for(caller):
    await caller.post(f"{BASE}/policies/custom", policy("C1", status="DRAFT"))
    assert await judged(caller, "C1") == []
    assert len(await judged(caller, "C1", includeDraft="true")) == 1


async def test_core_policies_are_disabled_until_they_are_enabled(caller):
    core = (await caller.get(f"{BASE}/policies/core"))["children"]
    assert {each["status"] for each in core} == {"DISABLED"}
    assert await judged(caller, "C4") == []
    [wanted] = [each["id"] for each in core if each["marketingActionRefs"] == ["/marketingActions/core/emailTargeting"]]
    status, _ = await caller.ask("PUT", f"{BASE}/enabledCorePolicies", {"policyIds": [wanted]})
    assert status == 200
    assert [each["id"] for each in await judged(caller, "C4")] == [wanted]


async def test_labels_of_datasets_are_found(caller):
    await caller.post(f"{BASE}/policies/custom", policy("C5"))
    await label(caller, "d1", (EMAIL, ["C5"]))
    entity = {"entityType": "dataSet", "entityId": "d1", "entityMeta": {"fields": [EMAIL]}}
    address = f"{BASE}/marketingActions/core/emailTargeting/constraints"
    answer = await caller.post(address, [entity])
    assert (answer["duleLabels"], len(answer["violatedPolicies"])) == (["C5"], 1)
    assert answer["discoveredLabels"][0]["dataSetLabels"]["fields"] == [{"path": EMAIL, "labels": ["C5"]}]
    other = entity | {"entityMeta": {"fields": ["/properties/person"]}}
    assert (await caller.post(address, [other]))["violatedPolicies"] == []


async def test_several_are_judged_at_once(caller):
    reference = f"{caller.url}{BASE}/marketingActions/core/emailTargeting/constraints"
    parts = [{"evalRef": reference, "labels": ["C1"]}, {"evalRef": reference.replace("email", "e")}]
    status, answer = await caller.ask("POST", f"{BASE}/bulk-eval", parts)
    assert (status, [each["status"] for each in answer]) == (207, [200, 404])


async def test_an_unknown_action_is_404_until_it_is_made(caller):
    address = f"{BASE}/marketingActions/custom/share/constraints?duleLabels=C1"
    status, answer = await caller.ask("GET", address)
    assert (status, answer.keys() >= {"type", "status", "title", "detail"}) == (404, True)
    assert (await caller.ask("PUT", f"{BASE}/marketingActions/custom/share", {"name": "share"}))[0] == 201
    assert (await caller.ask("GET", address))[0] == 200
    assert (await caller.ask("GET", address.partition("?")[0]))[0] == 400


async def test_golden_a_field_with_c12_is_absent_from_the_file(caller):
    await label(caller, "d1", (EMAIL, ["C12"]))
    activated = await activate(caller)
    await activated.run_now()
    assert activated.rows()[0] == ["person_name_firstName", "person_name_lastName", "segmentMembership_status"]
    assert b"@" not in next(iter(activated.files.values()))


async def test_an_activation_that_a_policy_denies_is_refused(caller):
    made = await caller.post(f"{BASE}/policies/custom", policy("C4"))
    activated = await activate(caller)
    audience = await caller.define('loyalty.tier = "silver"', labels=["core/C4"])
    status, answer = await activated.change(selector(audience))
    assert (status, answer["errorMessage"]) == (400, "Data usage policy violation")
    assert [each["id"] for each in answer["violatedPolicies"]] == [made["id"]]
    assert answer["duleLabels"] == ["C4"]


async def test_labels_count_where_their_field_is_mapped_or_asked_by_the_rule(caller):
    await caller.post(f"{BASE}/policies/custom", policy("C4"))
    await label(caller, "d1", ("/properties/loyalty", ["C4"]))
    activated = await activate(caller, await caller.define('person.name.firstName = "Ada"'))
    status, _ = await activated.change(selector(await gold(caller)))
    assert status == 400
