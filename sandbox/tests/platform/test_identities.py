"""The identity graph (rtcdp 2.3, 2.4)."""

import pytest

ECID = "1" * 37


def ecid(number):
    return f"{number:038d}"


def record(email="", *ecids, **more):
    """A record of a person, who is told by e-mail, and of devices."""
    identities = {"ECID": [{"id": each} for each in ecids]} if ecids else {}
    if email:
        identities["Email"] = [{"id": email, "primary": True, "authenticatedState": "authenticated"}]
    return {"identityMap": identities} | more


async def skipped(caller):
    return (await caller.get("/sandbox/platform/records"))["skipped"]


async def test_a_record_links_its_identities(caller):
    inlet = await caller.inlet()
    await caller.send(inlet, record("new@example.org", ecid(1), ecid(2)))
    graph = await caller.graph("ecid", ecid(2))
    assert graph == {("Email", "new@example.org"), ("ECID", ecid(1)), ("ECID", ecid(2))}


async def test_golden_an_ecid_of_37_digits_is_skipped(caller):
    inlet = await caller.inlet()
    status, _ = await caller.send(inlet, record("new@example.org", ECID))
    assert status == 207
    assert await caller.look_up("new@example.org") is None
    assert await skipped(caller) == {"invalid_ecid": 1}


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        (record("x" * 1025), "identity_too_long"),
        (record(""), "no_identity"),
        (record("null"), "no_identity"),
        (record("new@example.org", *(ecid(number) for number in range(20))), "too_many_identities"),
        ({"identityMap": {"unheard": [{"id": "1"}]}}, "unknown_namespace"),
        (record("new@example.org", person={"name": {"firstName": "x" * 100_001}}), "record_too_large"),
    ],
)
async def test_a_record_that_breaks_a_rule_is_skipped_and_counted(caller, entity, reason):
    await caller.send(await caller.inlet(), entity)
    assert await skipped(caller) == {reason: 1}


async def test_golden_the_51st_identity_evicts_the_oldest_cookie(caller):
    inlet = await caller.inlet()
    for number in range(49):
        await caller.send(inlet, record("new@example.org", ecid(number)))
    assert len(await caller.graph("Email", "new@example.org")) == 50
    await caller.send(inlet, record("new@example.org", ecid(49)))
    graph = await caller.graph("Email", "new@example.org")
    assert len(graph) == 50
    assert ("ECID", ecid(0)) not in graph
    assert ("ECID", ecid(49)) in graph
    assert await caller.graph("ECID", ecid(0)) == {("ECID", ecid(0))}


async def test_devices_leave_before_persons_and_after_cookies(caller):
    inlet = await caller.inlet()
    await caller.send(
        inlet, {"identityMap": {"Email": [{"id": "new@example.org", "primary": True}], "IDFA": [{"id": "d"}]}}
    )
    for number in range(48):
        await caller.send(inlet, record("new@example.org", ecid(number)))
    await caller.send(inlet, record("new@example.org", ecid(48)))
    graph = await caller.graph("Email", "new@example.org")
    assert {("IDFA", "d"), ("Email", "new@example.org")} <= graph
    assert ("ECID", ecid(0)) not in graph


async def test_two_people_of_one_device_collapse_into_one_profile(caller):
    inlet = await caller.inlet()
    await caller.send(inlet, record("a@example.org", ecid(1)), record("b@example.org", ecid(1)))
    assert len(await caller.graph("Email", "a@example.org")) == 3
    assert await caller.look_up("a@example.org") == await caller.look_up("b@example.org")


async def test_with_linking_rules_the_device_goes_to_its_last_user(calling):
    async with calling(graph_linking_rules=True) as caller:
        inlet = await caller.inlet()
        await caller.send(inlet, record("a@example.org", ecid(1)), record("b@example.org", ecid(1)))
        assert await caller.graph("Email", "a@example.org") == {("Email", "a@example.org")}
        assert await caller.graph("Email", "b@example.org") == {("Email", "b@example.org"), ("ECID", ecid(1))}
        await caller.send(inlet, record("a@example.org", ecid(1)))
        assert await caller.graph("ECID", ecid(1)) == {("Email", "a@example.org"), ("ECID", ecid(1))}


async def test_namespaces_that_are_no_people_have_no_graph(caller):
    await caller.post("/data/core/idnamespace/identities", {"name": "SKU", "code": "sku", "idType": "Non_people"})
    entity = {"identityMap": {"sku": [{"id": "7"}], "Email": [{"id": "new@example.org", "primary": True}]}}
    await caller.send(await caller.inlet(), entity)
    assert await caller.graph("Email", "new@example.org") == {("Email", "new@example.org")}


async def test_edges_tell_when_they_were_made(caller):
    body = {
        "composite_xids": [{"nsid": 6, "id": "ada@example.org"}, {"ns": "Email", "id": "nobody@example.org"}],
        "projection_type": "graph",
        "require_edge_meta_data": True,
    }
    answer = await caller.post("/data/core/identity/v2/graph", body)
    [graph] = answer["graphs"]
    assert graph["edges"][0]["first_established_ts"] > 1_600_000_000_000
    assert len(graph["vertices"]) == 2
    assert answer["unprocessed_composite_xids"] == [{"ns": "Email", "id": "nobody@example.org"}]


async def test_an_opaque_id_stands_for_an_identity(caller):
    query = "namespace=Email&id=ada@example.org"
    xid = (await caller.get(f"/data/core/identity/identity?{query}"))["xid"]
    clusters = await caller.get(f"/data/core/identity/cluster/members?xid={xid}&graph-type=pdg")
    assert len(clusters["clusters"][0]["members"]) == 2
    assert await caller.get(f"/data/core/identity/cluster/members?{query}") == clusters
    assert await caller.post("/data/core/identity/clusters/members", {"xids": [xid]}) == clusters


@pytest.mark.parametrize("query", ["id=x", "namespace=Email", "namespace=unheard&id=x"])
async def test_a_question_without_an_identity_is_refused(caller, query):
    status, answer = await caller.ask("GET", f"/data/core/identity/identity?{query}")
    assert (status, answer["title"]) == (400, "InvalidInput")


async def test_more_than_a_thousand_ids_are_refused(caller):
    body = {"composite_xids": [{"ns": "Email", "id": str(number)} for number in range(1001)]}
    assert (await caller.ask("POST", "/data/core/identity/v2/graph", body))[0] == 400
