"""Members among few people, each of whom the sandbox's platform is asked about (rtcdp 7)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import ConfigError, DataSource, GatewayError, Permanent, ReadRequest
from audience_gateway_rtcdp.lookup.profile_access import ProfileAccess

EMAILS = DataSource(name="email", id_type="declared_id")
ELSEWHERE = "connections/files/audiences/a"
STRANGERS = [f"nobody-{number}@example.org" for number in range(3)]
ENTITIES = "/data/core/ups/access/entities"


@pytest.fixture
def connect_lookup(connect_sandbox, tmp_path):
    """Makes a connector that asks about these people."""

    def connector(*people, **lookup):
        (tmp_path / "people.txt").write_text("\n".join(["", *people, *people, ""]), encoding="utf-8")
        values = {"bucket": tmp_path.as_uri(), "namespaces": {"email": "EMAIL"}}
        return connect_sandbox(lookup=values | lookup)

    return connector


@pytest.fixture
async def gold(connect_sandbox):
    """The sample audience, and e-mail addresses of its members as an export job tells them."""
    dataset = {"id": "d-1", "merge_policy": "default", "poll_seconds": 0.05, "namespaces": {"email": "Email"}}
    connector = connect_sandbox(dataset=dataset)
    [audience] = [each.id async for each in connector.list_audiences()]
    read = connector.read_members(ReadRequest(audience=audience, source=EMAILS))
    ids = [id_ async for page in read for id_ in page.members.columns["id"].to_pylist() if id_]
    return audience, ids


async def read(connector, audience, after=None):
    pages = [page async for page in connector.read_members(ReadRequest(audience=audience, source=EMAILS, after=after))]
    return [id_ for page in pages for id_ in page.members.columns["id"].to_pylist()], pages


async def test_members_are_those_of_the_people_whose_profile_is_in_the_audience(connect_lookup, gold):
    audience, members = gold
    connector = connect_lookup(*STRANGERS, *members)
    await connector.check_source(audience, EMAILS, ELSEWHERE)
    assert (await connector.get_audience(audience)).readable
    found, pages = await read(connector, audience)
    assert found == members
    assert (await read(connector, audience, after=pages[-1].resume_token))[0] == []


async def test_another_audience_has_others(connect_lookup, gold):
    audience = {"name": "silver", "type": "ExternalSegment", "audienceId": "silver"}
    connector = connect_lookup(*gold[1])
    await connector._parts.platform.caller.call("POST", "/data/core/ups/audiences", body=audience)
    assert (await read(connector, "silver"))[0] == []


async def test_reading_does_not_resume_where_the_people_are_others(connect_lookup, gold):
    audience, members = gold
    _, pages = await read(connect_lookup(*members), audience)
    with pytest.raises(Permanent, match="has changed since reading began"):
        await read(connect_lookup(*members[1:]), audience, after=pages[0].resume_token)
    with pytest.raises(Permanent, match="none of this connection"):
        await read(connect_lookup(*members), audience, after="x")


async def test_too_many_people_are_told_before_anything_is_asked(connect_lookup, gold):
    with pytest.raises(Permanent, match="more than 2 ids, each of which would be a call"):
        await connect_lookup(*STRANGERS, most_people=2).check_source(gold[0], EMAILS, ELSEWHERE)


async def test_a_data_source_without_a_namespace_is_told(connect_lookup, gold):
    with pytest.raises(ConfigError, match="no identity namespace"):
        await connect_lookup(namespaces={}).check_source(gold[0], EMAILS, ELSEWHERE)


async def test_an_edition_without_lookup_is_told_when_the_share_is_planned(connect, stub, tmp_path):
    (tmp_path / "people.txt").write_text("ada@example.org", encoding="utf-8")
    stub.on("GET", "/data/core/ups/audiences/gold", {"id": "gold", "name": "Gold"})
    stub.on("GET", "/data/core/ups/audiences", {"children": []})
    stub.on("GET", ENTITIES, {"statusCode": "403", "message": "UPS-ACC-1000004: IMS Org is not provisioned."}, 403)
    connector = connect(lookup={"bucket": tmp_path.as_uri(), "namespaces": {"email": "Email"}})
    with pytest.raises(GatewayError, match="not provisioned") as caught:
        await connector.check_source("gold", EMAILS, ELSEWHERE)
    assert "ada" not in f"{caught.value.message} {caught.value.place} {caught.value.remedy}"


async def test_a_status_of_any_letter_case_counts_and_one_who_left_is_no_member(connect, stub):
    memberships = {
        "ups": {"a": {"status": "Realized"}, "b": {"status": "exited"}, "c": {"status": "existing"}, "d": {}},
        "AAM": {"e": {"status": "realized"}},
    }
    stub.on("GET", ENTITIES, {"xid": {"entity": {"segmentMembership": memberships}}})
    access = ProfileAccess(connect()._parts.platform, "m-1")
    assert await access.audiences("Email", "ada@example.org") == {"a", "c", "e"}
    assert ("mergePolicyId", "m-1") in stub.queries[0]
