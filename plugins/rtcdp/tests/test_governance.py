"""Labels, policies and consents: what must not leave, and what its rows are called (rtcdp 8)."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from audience_gateway.sdk import DataSource, MemberBatch, MemberPage, Permanent
from audience_gateway_rtcdp.audiences import PlatformAudience
from audience_gateway_rtcdp.consent import opted_out
from audience_gateway_rtcdp.governance import held_back
from audience_gateway_rtcdp.governance_settings import ConsentSettings
from audience_gateway_rtcdp.rule_fields import rule_fields

BASE = "/data/foundation/dulepolicy"
CRM = DataSource(name="crm", id_type="declared_id")
FIELDS = {"person.name.firstName", "loyalty.tier", "_acme.score-1"}
EMAIL = "/properties/personalEmail/properties/address"


def lookup(field):
    node = {"nodeType": "parameterReference", "position": 1}
    for name in field.split("."):
        node = {"nodeType": "fieldLookup", "fieldName": name, "object": node}
    return node


def labelled(*labels):
    return PlatformAudience(id="1", audience_id="1", name="gold", labels=labels)


@pytest.fixture
async def post(connect_sandbox):
    """Does what a data steward does."""
    caller = connect_sandbox()._parts.platform.caller

    async def call(verb, path, body):
        return (await caller.call(verb, path, body=body)).content

    await call(
        "POST",
        f"{BASE}/policies/custom",
        {
            "name": "No e-mail with C4",
            "status": "ENABLED",
            "marketingActionRefs": ["/marketingActions/core/emailTargeting"],
            "deny": {"label": "C4"},
        },
    )
    return call


async def required(connector, audience, source, destination):
    """Asks what is asked when a share is planned, before its files are looked at."""
    await connector._parts.source.require(audience, source, destination, connector._context.now())


async def denial(connector, audience):
    return await connector._parts.governance.denial(audience)


async def test_golden_a_policy_violation_answered_200_is_a_denial_with_the_policys_name(connect_sandbox, post):
    assert await denial(connect_sandbox(), labelled("core/C4")) == "No e-mail with C4"


async def test_labels_that_no_policy_denies_may_leave(connect_sandbox, post):
    assert await denial(connect_sandbox(), labelled("core/C1", "custom/x")) == ""


async def test_labels_are_case_sensitive(connect_sandbox, post):
    assert await denial(connect_sandbox(), labelled("core/c4")) == ""


async def test_an_audience_without_labels_is_not_asked_about(connect, stub):
    assert await denial(connect(), labelled()) == ""
    assert stub.calls == []


async def test_golden_c12_never_leaves_though_no_policy_is_enabled(connect_sandbox):
    assert await denial(connect_sandbox(), labelled("core/C12")) == "label C12"


async def test_golden_a_field_with_c12_denies_an_export_that_holds_it(connect_sandbox, post):
    labels = {"labels": [], "optionalLabels": [{"option": {"schemaPath": EMAIL}, "labels": ["C12"]}]}
    await post("PUT", "/data/foundation/dataset/datasets/d1/labels", labels)
    assert await denial(connect_sandbox(governance={"datasets": {"d1": [EMAIL]}}), labelled()) == "label C12"
    assert await denial(connect_sandbox(governance={"datasets": {"d1": ["/properties/person"]}}), labelled()) == ""


async def test_labels_of_fields_that_leave_count_with_those_of_the_audience(connect_sandbox, post):
    await post("PUT", "/data/foundation/dataset/datasets/d1/labels", {"labels": ["C4"], "optionalLabels": []})
    assert await denial(connect_sandbox(governance={"datasets": {"d1": []}}), labelled()) == "No e-mail with C4"


async def test_labels_of_fields_that_the_rule_asks_count_though_they_do_not_leave(connect_sandbox, post):
    fields = [{"option": {"schemaPath": "/properties/loyalty"}, "labels": ["C4"]}]
    await post("PUT", "/data/foundation/dataset/datasets/d1/labels", {"labels": [], "optionalLabels": fields})
    connector = connect_sandbox(governance={"datasets": {"d1": [EMAIL]}})
    [gold] = [each.id async for each in connector.list_audiences()]
    assert await denial(connector, await connector._parts.source.audience(gold)) == "No e-mail with C4"
    assert await denial(connector, labelled()) == ""


@pytest.mark.parametrize(
    "value",
    [
        'person.name.firstName = "a.b (x)" and not (loyalty.tier in ["gold"] or _acme.score-1.isNotNull())',
        json.dumps({"fnName": "and", "params": [lookup(each) for each in FIELDS]}),
    ],
)
def test_fields_of_a_rule_are_found_in_text_and_in_trees(value):
    format_ = "pql/json" if value.startswith("{") else "pql/text"
    found = rule_fields({"type": "PQL", "format": format_, "value": value})
    assert found == FIELDS


async def test_drafts_count_if_they_are_to(connect_sandbox, post):
    draft = {"name": "Perhaps", "status": "DRAFT", "marketingActionRefs": ["/marketingActions/core/emailTargeting"]}
    await post("POST", f"{BASE}/policies/custom", draft | {"deny": {"label": "C9"}})
    assert await denial(connect_sandbox(), labelled("core/C9")) == ""
    assert await denial(connect_sandbox(governance={"drafts": True}), labelled("core/C9")) == "Perhaps"


async def test_an_unknown_marketing_action_is_an_error_and_no_consent(connect_sandbox):
    with pytest.raises(Permanent, match="no such object"):
        await denial(connect_sandbox(governance={"marketing_action": "custom/none"}), labelled("core/C1"))


async def test_denied_rows_keep_their_number_and_lose_their_ids():
    async def pages():
        yield MemberPage(MemberBatch.of(["a", "b"]), "2")

    [page] = [page async for page in held_back(pages(), "No e-mail with C4")]
    reason = "denied_by_policy: No e-mail with C4"
    assert page.resume_token == "2"
    assert [(row["id"], row["defect"]) for row in page.members.columns.to_pylist()] == [(None, reason)] * 2


async def test_denied_rows_lose_their_ids_of_further_data_sources_too():
    async def pages():
        yield MemberPage(MemberBatch.of(["a"]), "1", further_ids=pa.record_batch({"mail": ["a@example.org"]}))

    [page] = [page async for page in held_back(pages(), "No e-mail with C4")]
    assert page.further_ids.to_pylist() == [{"mail": None}]


async def test_where_there_is_no_denial_pages_stay_as_they_are():
    page = MemberPage(MemberBatch.of(["a"]), "1")

    async def pages():
        yield page

    assert [each async for each in held_back(pages(), "")] == [page]


async def test_nothing_is_read_where_a_denial_is_to_refuse(connect_sandbox, post):
    audience = {"name": "silver", "type": "ExternalSegment", "audienceId": "silver", "labels": ["core/C4"]}
    await post("POST", "/data/core/ups/audiences", audience)
    with pytest.raises(Permanent, match="must not be used for core/emailTargeting: No e-mail with C4"):
        await required(connect_sandbox(governance={"denied": "refuse"}), "silver", CRM, "connections/x/audiences/y")


@pytest.mark.parametrize(
    ("any_", "email", "out"),
    [
        ("y", "y", False),
        ("n", "y", True),
        ("y", "n", True),
        ("N ", None, True),
        ("p", "u", False),
        (None, None, False),
        ("", "LI", False),
    ],
)
def test_a_no_to_all_marketing_or_to_the_channel_counts(any_, email, out):
    said = {"consents_marketing_any_val": any_, "consents_marketing_email_val": email}
    columns = {name: pa.array([value], pa.string()) for name, value in said.items()}
    assert opted_out(columns, 1, ConsentSettings()).to_pylist() == [out]


def test_the_undecided_are_held_back_if_they_are_to_be():
    columns = {"consents_marketing_email_val": pa.array(["p", "U", "y"])}
    assert opted_out(columns, 3, ConsentSettings(pending="hold")).to_pylist() == [True, True, False]


def test_the_older_opt_out_counts_and_missing_columns_say_nothing():
    columns = {"privacyOptOuts_optOutValue": pa.array(["out", "in", None])}
    assert opted_out(columns, 3, ConsentSettings()).to_pylist() == [True, False, False]
