"""The ID service over real sockets."""

import pytest
from audience_gateway_sandbox.audience_manager.profiles.id_formats import is_ecid

MID = "59767559181262060060278870901087098252"


@pytest.fixture
def ask(site):
    async def asked(query, path="/id", **headers):
        org = site.guest.ready["ims"]["org_id"]
        return await site.get(f"{path}?d_ver=2&{query.replace('{org}', org)}", **headers)

    return asked


async def test_a_caller_without_an_id_gets_a_new_one(ask):
    body = (await ask("d_orgid={org}")).body
    assert is_ecid(body["d_mid"])
    assert {name: body[name] for name in ("dcs_region", "id_sync_ttl")} == {"dcs_region": "7", "id_sync_ttl": "604800"}
    assert 0 < len(body["d_blob"]) <= 512


async def test_a_valid_id_that_is_given_comes_back(ask):
    assert (await ask(f"d_orgid={{org}}&d_mid={MID}")).body["d_mid"] == MID


async def test_ids_are_linked_on_the_way(ask, site):
    await ask(f"d_mid={MID}&d_cid=38889%019876%011")
    assert site.linked("9876") == [(MID, 1)]


@pytest.mark.parametrize(("query", "code"), [("d_orgid=000@AdobeOrg", 2), ("", 2), ("d_mid=1234", 101)])
async def test_what_is_wrong_gives_no_id_but_an_error(ask, query, code):
    answer = await ask(query)
    assert answer.status == 200
    assert answer.codes == [code]
    assert "d_mid" not in answer.body
    assert answer.body["error_msg"]


async def test_who_has_opted_out_is_told_so_and_gets_no_id(ask, site):
    assert (await ask(f"d_mid={MID}", "/optOutStatus")).body == {"d_optout": [], "d_ottl": 7200}
    await site.get(f"/demoptout.jpg?d_mid={MID}")
    assert (await ask(f"d_mid={MID}", "/optOutStatus")).body == {"d_optout": ["global"], "d_ottl": 7200}
    body = (await ask(f"d_mid={MID}")).body
    assert (body["d_optout"], "d_mid" in body) == (["global"], False)
