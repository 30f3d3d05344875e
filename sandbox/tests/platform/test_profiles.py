"""Profile lookup, and what the seed makes known (sandbox 5.7, rtcdp 7)."""

import hashlib

import pytest
from audience_gateway_sandbox.platform.profiles.profile import entity_of
from audience_gateway_sandbox.seeding import populate

from .conftest import AUDIENCES

LOOKUP = "/data/core/ups/access/entities"
FACTS = "/sandbox/platform/facts"


async def test_a_profile_is_found_by_email_in_any_letter_case_of_the_namespace(caller):
    for namespace in ("email", "Email", "EMAIL"):
        entity = await caller.look_up("ada@example.org", namespace)
        assert entity["person"]["name"] == {"firstName": "Ada", "lastName": "Lovelace"}
    [ecid] = entity["identityMap"]["ECID"]
    assert (await caller.look_up(ecid["id"], "ecid")) == entity


async def test_its_fields_are_chosen(caller):
    query = "schema.name=_xdm.context.profile&entityId=ada@example.org&entityIdNS=email&fields=identityMap"
    [found] = (await caller.get(f"{LOOKUP}?{query}")).values()
    assert found["entity"].keys() == {"identityMap"}
    assert found.keys() >= {"entityId", "mergePolicy", "sources", "tags", "identityGraph", "lastModifiedAt"}


async def test_nobody_is_404_with_an_object(caller):
    query = "schema.name=_xdm.context.profile&entityId=nobody@example.org&entityIdNS="
    for namespace in ("email", "unheard"):
        status, body = await caller.ask("GET", f"{LOOKUP}?{query}{namespace}")
        assert (status, body["statusCode"]) == (404, "404")


async def test_it_needs_the_edition(calling):
    async with calling(profile_lookup=False) as caller:
        query = "schema.name=_xdm.context.profile&entityId=ada@example.org&entityIdNS=email"
        status, body = await caller.ask("GET", f"{LOOKUP}?{query}")
        assert (status, body["code"]) == (403, "UPS-ACC-1000004")


@pytest.mark.parametrize("linking_rules", [False, True])
async def test_profiles_and_identities_are_as_many_as_the_facts_say(calling, linking_rules):
    async with calling(graph_linking_rules=linking_rules, recipients=300) as caller:
        facts = await caller.get(FACTS)
        database = await every_profile(caller)
        assert len(database) == facts["profiles"]
        for namespace, number in facts["identities"].items():
            assert len({id_ for entity in database for id_ in ids(entity, namespace)}) == number


async def test_shared_devices_join_the_profiles_of_two_recipients(caller):
    shared = populate(100, 1).shared[0]
    entity = await caller.look_up(shared.visitor_id, "ECID")
    assert entity["_sandbox"]["recipientId"] in shared.recipients
    assert len(entity["identityMap"]["Email"]) == 2


async def test_the_members_of_each_day_are_those_foretold(caller):
    facts = await caller.get(FACTS)
    for day in facts["days"]:
        entities = await every_profile(caller)
        members = [each for each in entities if status(each, facts["audience"]["id"]) == "realized"]
        gone = [each for each in entities if status(each, facts["audience"]["id"]) == "exited"]
        recipients = sorted(each["_sandbox"]["recipientId"] for each in members)
        assert (len(members), len(gone)) == (day["realized"], day["exited"])
        assert hashlib.sha256("\n".join(map(str, recipients)).encode()).hexdigest() == day["recipients_sha256"]
        await caller.advance(days=1)


async def test_days_that_passed_unnoticed_are_made_up_for(calling, tmp_path):
    async with calling(state=tmp_path) as caller:
        await caller.advance(days=3)
        facts = await caller.get(FACTS)
        assert (await caller.get(AUDIENCES))["_page"]["totalCount"] == 1
        members = [each for each in await every_profile(caller) if status(each, facts["audience"]["id"]) == "realized"]
    recipients = sorted(each["_sandbox"]["recipientId"] for each in members)
    text = "\n".join(map(str, recipients))
    assert hashlib.sha256(text.encode()).hexdigest() == facts["days"][3]["recipients_sha256"]


async def test_another_sandbox_of_the_platform_is_empty(caller):
    assert await caller.in_sandbox("dev").look_up("ada@example.org") is None


async def every_profile(caller):
    def read(space):
        rows = space.database.execute("SELECT id FROM profile WHERE space = ?", (space.name,)).fetchall()
        return [entity_of(space, row[0]) for row in rows]

    return caller.instance.platform.work("prod", read)


def ids(entity, namespace):
    return [each["id"] for each in entity["identityMap"].get(namespace, [])]


def status(entity, audience):
    return entity["segmentMembership"].get("ups", {}).get(audience, {}).get("status")
