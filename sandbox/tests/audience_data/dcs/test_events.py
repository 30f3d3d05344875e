"""Events of the data collection servers over real sockets."""

from datetime import timedelta

import pytest
from audience_gateway_sandbox.audience_manager.objects import (
    Destination,
    DestinationMapping,
    DestinationType,
    Segment,
    TraitType,
)
from audience_gateway_sandbox.audience_manager.profiles.id_formats import is_ecid

MID = "59767559181262060060278870901087098252"
GAID = "e4fe9bde-caa0-47b6-908d-ffba3fa184f2"
IDFA = "a53cc5a2-6aa1-4210-8ded-a88b29b6212a"
CODE = "AdobeCampaignID"


async def test_an_event_tells_device_region_and_trace(site):
    answer = await site.event("c_page=home")
    body = answer.body
    assert (answer.status, body["dcs_region"], len(body["tid"])) == (200, 7, 12)
    assert len(body["uuid"]) == 38
    assert answer.cookies["demdex"].value == body["uuid"]


async def test_the_cookie_brings_the_same_device_back(site):
    first = (await site.event("")).body["uuid"]
    assert (await site.event("", Cookie=f"demdex={first}")).body["uuid"] == first


async def test_without_rtbd_the_answer_is_a_pixel_and_with_a_callback_a_call(site):
    answer = await site.get("/event?c_page=home")
    assert (answer.headers["Content-Type"], answer.content[:6]) == ("image/gif", b"GIF89a")
    call = await site.event("d_cb=window.got")
    assert call.content.startswith(b"window.got({")


async def test_a_form_is_taken_as_a_query_is(site):
    site.trait(50, 'c_page == "home"')
    form = f"d_rtbd=json&d_mid={MID}&c_page=home"
    answer = await site.send(
        "POST", "/event", {"Content-Type": "application/x-www-form-urlencoded"}, data=form.encode()
    )
    assert answer.status == 200
    assert site.traits_of(0, MID) == [50]


@pytest.mark.parametrize(("method", "size", "status"), [("GET", 8200, 414), ("POST", 33_000, 413)])
async def test_a_call_that_is_too_long_is_refused(site, method, size, status):
    if method == "GET":
        # The server itself refuses lines beyond 8190 bytes.
        assert (await site.get(f"/event?c_page={'x' * size}")).status in {status, 400}
    else:
        assert (await site.send("POST", "/event", {}, data=b"c_page=" + b"x" * size)).status == status


@pytest.mark.parametrize(
    ("host", "region"),
    [("irl1.demdex.net", 6), ("apse.demdex.net", 3), ("usw2.demdex.net", 9), ("partner.demdex.net", 7)],
)
async def test_a_regional_host_tells_its_region(site, host, region):
    assert (await site.event("", Host=host)).body["dcs_region"] == region


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("d_orgid=0000000000@AdobeOrg", [2]),
        ("d_mid=1234", [101]),
        ("d_mid=92233720368547758080000000000000000000", [101]),
        ("d_uuid=12", [102]),
        (f"d_mid={MID}&d_cid=20915%01{IDFA}", [312, 104]),
        (f"d_mid={MID}&d_cid_ic={CODE}%01%011", [300, 104]),
        (f"d_mid={MID}&d_cid_ic={CODE}%01rcp-0042%017", [300, 104]),
        (f"d_mid={MID}&d_cid_ic={CODE}%01a:b", [300, 104]),
        (f"d_mid={MID}&d_cid=777%01x", [302, 104]),
        (f"d_mid={MID}&d_cid_ic=nothing%01x", [302, 104]),
        (f"d_mid={MID}&d_cid_ic={CODE}%01good&d_cid=777%01x", [302]),
        (f"d_mid={MID}&d_cid_ic=email%a6ea4cde5da5", [311]),
        (f"d_mid={MID}&c_page=%zz", [311]),
        (f"d_mid={MID}&" + "&".join(f"d_cid_ic={CODE}%01p{each}" for each in range(5)), [310, 309, 309]),
        (f"d_mid={MID}&d_dpid=777&d_dpuuid=x", [302]),
    ],
)
async def test_errors_come_with_200_as_codes_and_in_a_header(site, query, codes):
    answer = await site.event(query)
    assert (answer.status, answer.codes) == (200, codes)


async def test_of_more_than_ten_ids_each_further_one_is_discarded(site):
    ids = [f"d_cid_ic={CODE}%01p{each}" for each in range(3)] + [f"d_cid=777%01{each}" for each in range(9)]
    assert (await site.event(f"d_mid={MID}&{'&'.join(ids)}")).codes == [301, 309, 309, *[302] * 7]


async def test_a_call_without_a_host_is_told_so(site):
    import asyncio  # noqa: PLC0415 - only this caller speaks HTTP/1.0

    url = site.guest.ready["admin"]["url"]
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /event?d_rtbd=json HTTP/1.0\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert b'"code": 100' in answer


@pytest.mark.parametrize(
    ("query", "value", "state"),
    [
        (f"d_cid_ic={CODE}%01rcp-0042%011", "rcp-0042", 1),
        ("d_cid=38889%01rcp-0042%012", "rcp-0042", 2),
        ("d_cid=38889%01rcp-0042", "rcp-0042", 0),
        (f"d_cid=20914%01{GAID}%010", GAID, 0),
        (f"d_cid_ic=DSID_20914%01{GAID}%010", GAID, 0),
        (f"d_cid_ic={CODE}%01a%2501b%011", "a%01b", 1),
        (f"d_cid_ic={CODE}%01J%C3%BCrgen%011", "J\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen", 1),
        ("d_dpid=38889&d_dpuuid=old-form", "old-form", 0),
    ],
)
async def test_ids_of_every_state_are_linked_with_the_device(site, query, value, state):
    assert (await site.event(f"d_mid={MID}&{query}")).codes == []
    assert site.linked(value) == [(MID, state)]


async def test_only_who_is_logged_in_gets_traits_all_others_leave_them_to_the_device(site):
    site.trait(50, 'c_page == "home"')
    for state, person in ((0, "unknown"), (1, "logged-in"), (2, "logged-out")):
        await site.event(f"d_mid={MID[:-1]}{state}&c_page=home&d_cid_ic={CODE}%01{person}%01{state}")
    assert [site.traits_of(0, f"{MID[:-1]}{state}") for state in range(3)] == [[50], [], [50]]
    assert site.traits_of(38889, "logged-in") == [50]
    assert site.traits_of(38889, "logged-out") == []


async def test_signals_fulfil_rules_with_several_values_and_by_id_only_rule_based_traits(site):
    site.trait(50, 'c_colour == "red" AND h_referer contains "example"')
    site.trait(51)
    site.trait(52, kind=TraitType.ON_BOARDED)
    await site.event(f"d_mid={MID}&c_colour=blue,red&h_referer=www.example.org&d_sid=51,52")
    assert site.traits_of(0, MID) == [50, 51]


async def test_onboarded_traits_are_realized_by_events_if_one_says_so(opening):
    async with opening(events_realize_onboarded=True) as site:
        site.trait(52, kind=TraitType.ON_BOARDED)
        await site.event(f"d_mid={MID}&d_sid=52")
        assert site.traits_of(0, MID) == [52]


async def test_addresses_of_url_destinations_are_told_to_members_who_ask(site):
    site.trait(50, 'c_page == "home"')
    store = site.guest.sandbox.instance.audience_manager.store
    now = site.guest.sandbox.instance.now().replace(microsecond=0)
    made = {"create_time": now, "update_time": now}
    store.segments.create(Segment(sid=60, name="s", segment_rule="50T", data_source_id=38889, **made))
    store.destinations.create(Destination(destination_id=61, name="d", destination_type=DestinationType.URL, **made))
    address = "https://partner.example/pixel"
    store.mappings.create(
        DestinationMapping(destination_id=61, sid=60, url=address, start_date=now.date() - timedelta(days=1), **made)
    )
    assert (await site.event(f"d_mid={MID}&d_dst=1&c_page=home")).body["dests"] == [{"c": address, "y": "img"}]
    assert "dests" not in (await site.event(f"d_mid={MID}&c_page=home")).body
    assert "dests" not in (await site.event("d_dst=1")).body


async def test_too_many_calls_are_the_only_ones_with_another_status(opening):
    async with opening(events_a_minute=1) as site:
        assert (await site.event("")).status == 200
        answer = await site.event("")
        assert (answer.status, int(answer.headers["Retry-After"])) == (429, 60)


@pytest.mark.parametrize("name", ["dpid=38889&dpuuid=crm%2B1", "d_cid=38889%01crm%2B1"])
async def test_an_id_synchronization_links_and_sends_the_caller_on(site, name):
    uuid = (await site.event(f"d_mid={MID}")).body["uuid"]
    redirect = "https%3A%2F%2Fsite.example%2Fdone%3Fid%3D%24%7BDD_UUID%7D"
    answer = await site.get(f"/ibs:{name}&redir={redirect}", Cookie=f"demdex={uuid}")
    assert (answer.status, answer.headers["Location"]) == (302, f"https://site.example/done?id={uuid}")
    assert site.linked("crm+1") == [(MID, 0)]


async def test_an_id_synchronization_without_an_address_is_a_pixel(site):
    answer = await site.get("/ibs:dpid=38889&dpuuid=crm-1")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")


@pytest.mark.parametrize("name", [f"d_mid={MID}", "d_uuid={uuid}", f"d_cid_ic={CODE}%01crm-1", "d_cid=38889%01crm-1"])
async def test_who_opts_out_gets_error_171_and_nothing_is_kept(site, name):
    site.trait(50, 'c_page == "home"')
    body = (await site.event(f"d_mid={MID}&d_cid_ic={CODE}%01crm-1%011")).body
    answer = await site.get(f"/demoptout.jpg?{name.format(uuid=body['uuid'])}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
    event = await site.event(f"d_mid={MID}&c_page=home")
    assert event.codes == [171]
    assert "uuid" not in event.body
    assert site.traits_of(0, MID) == []


async def test_the_cookie_of_who_opted_out_is_no_id_any_more(site):
    uuid = (await site.event("")).body["uuid"]
    answer = await site.get("/demoptout.jpg", Cookie=f"demdex={uuid}")
    assert answer.cookies["demdex"].value == "NOTARGET"
    assert (await site.event("", Cookie="demdex=NOTARGET")).codes == [171]


async def test_a_device_keeps_its_experience_cloud_id(site):
    answer = await site.event("")
    uuid = answer.body["uuid"]
    org = site.guest.ready["ims"]["org_id"]
    told = await site.get(f"/id?d_ver=2&d_orgid={org}", Cookie=f"demdex={uuid}")
    assert is_ecid(told.body["d_mid"])
    assert (await site.get(f"/id?d_ver=2&d_orgid={org}", Cookie=f"demdex={uuid}")).body["d_mid"] == told.body["d_mid"]
