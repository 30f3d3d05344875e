"""Pushed profiles, in all the forms that the documents show (rtcdp 3, 4)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import Permanent, PushFate
from audience_gateway_rtcdp.governance_settings import ConsentSettings
from audience_gateway_rtcdp.receiver.profiles import ProfileReader
from audience_gateway_rtcdp.receiver.pushed_times import moment_of

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
CONSENT = ConsentSettings()
READER = ProfileReader(frozenset({"gold", "crm-list"}), frozenset({"email"}), CONSENT)


def profile(emails=("ada@example.org",), status="realized", audience="gold", key="ups", code="email", **said):
    membership = {"lastQualificationTime": "2026-01-05T12:00:00Z", "status": status} | said
    identities = {code: [{"id": each} for each in emails], "ecid": [{"id": "1" * 38}]}
    return {"segmentMembership": {key: {audience: membership}}, "identityMap": identities, "person": {"name": "x"}}


def read(content, reader=READER):
    push = reader.read(json.dumps(content).encode())
    rows = [(row.audience, row.id_kind, row.id, row.is_member) for row in push.rows]
    return rows, dict(push.not_kept)


ADA = ("gold", "email", "ada@example.org", True)


@pytest.mark.parametrize("code", ["email", "Email", "EMAIL"])
@pytest.mark.parametrize("status", ["realized", "existing", "Realized"])
def test_a_member_is_one_in_any_letter_case(code, status):
    assert read(profile(status=status, code=code)) == ([ADA], {})


def test_several_profiles_come_as_a_list():
    rows, not_kept = read([profile(), profile(["bob@example.org"], "exited"), "no profile", {}])
    assert rows == [ADA, ("gold", "email", "bob@example.org", False)]
    assert not_kept == {PushFate.MALFORMED: 2}


def test_complaint_8_what_is_not_mapped_is_counted_and_left_out():
    assert read(profile(audience="other")) == ([], {PushFate.UNMAPPED: 1})


def test_complaint_5_who_may_be_one_of_several_people_of_one_device_is_held_back():
    together = profile(["ada@example.org", "bob@example.org"])
    assert read(together) == ([], {PushFate.AMBIGUOUS: 2})
    assert len(read(together, replace(READER, shares_devices=True))[0]) == 2
    assert [row[3] for row in read(profile(["ada@example.org", "bob@example.org"], "exited"))[0]] == [False, False]


def test_each_id_of_a_namespace_is_a_row_and_the_same_id_is_one():
    content = profile(["a@x.example", "b@x.example", "a@x.example"])
    del content["identityMap"]["ecid"]
    rows, _ = read(content)
    assert [row[2] for row in rows] == ["a@x.example", "b@x.example"]


def test_who_has_no_id_of_the_namespace_is_counted():
    assert read(profile([])) == ([], {PushFate.WITHOUT_ID: 1})
    assert read(profile(["", "x" * 1025, "a\0b", "\ud800"])) == ([], {PushFate.WITHOUT_ID: 1})


def test_an_external_audience_stands_under_its_own_namespace():
    rows, _ = read(profile(audience="crm-list", key="CustomerAudienceUpload"))
    assert [row[0] for row in rows] == ["crm-list"]


@pytest.mark.parametrize(
    "said",
    [{"status": "perhaps"}, {"status": None}, {"lastQualificationTime": "noon"}, {"lastQualificationTime": None}],
)
def test_a_membership_that_does_not_say_who_and_when_is_malformed(said):
    content = profile()
    content["segmentMembership"]["ups"]["gold"] |= said
    assert read(content) == ([], {PushFate.MALFORMED: 1})


@pytest.mark.parametrize("body", [b"", b"null", b'"text"', b"3", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_profile_is_refused(body):
    with pytest.raises(Permanent, match="no profile"):
        READER.read(body)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T12:00:00Z",
        "2026-01-05T12:00:00.000000123Z",
        "2026-01-05T14:00:00+02:00",
        "2026-01-05T12:00:00+0000",
        "2026-01-05 12:00:00",
        1_767_614_400_000,
    ],
)
def test_times_are_read_in_all_forms_that_were_seen(text):
    assert moment_of(text) == NOON


@pytest.mark.parametrize("value", ["", "yesterday", True, None, 1e300, 10**30, {}])
def test_what_is_no_time(value):
    assert moment_of(value) is None


@pytest.mark.parametrize(
    ("said", "out"),
    [
        ({"consents": {"marketing": {"any": {"val": "n"}, "email": {"val": "y"}}}}, True),
        ({"consents": {"marketing": {"any": {"val": "y"}, "email": {"val": "y"}}}}, False),
        ({"privacyOptOuts": [{"optOutValue": "in"}, {"optOutValue": "out"}]}, True),
        ({"consents": {"marketing": "n"}}, False),
        ({"privacyOptOuts": json.loads("[" * 900 + "]" * 900)}, False),
        ({}, False),
    ],
)
def test_who_has_opted_out_is_known_by_the_consents_that_are_mapped(said, out):
    [row] = READER.read(json.dumps(profile() | said).encode()).rows
    assert (row.opted_out, row.consented) == (out, None)


def test_it_is_known_when_a_consent_was_given():
    consents = {"marketing": {"any": {"val": "y"}}, "metadata": {"time": "2026-01-05T12:00:00Z"}}
    assert READER.read(json.dumps(profile() | {"consents": consents}).encode()).rows[0].consented == NOON


def test_it_is_told_when_the_audience_was_mapped():
    push = READER.read(json.dumps(profile(mappingCreatedAt=1_767_614_400_000)).encode())
    assert [row.mapped for row in push.rows] == [NOON]
