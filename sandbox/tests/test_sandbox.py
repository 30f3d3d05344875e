"""The whole sandbox over real sockets."""

import asyncio
import gzip
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlparse

import pytest
from audience_gateway_sandbox.campaign.instance import V8
from audience_gateway_sandbox.state import StateError


def directory_of(address):
    return Path(urlparse(address).path)


async def test_it_tells_how_to_reach_every_system(guest):
    assert guest.ready["ims"].keys() == {"url", "org_id", "client_id", "client_secret"}
    assert guest.ready["campaign"].keys() == {"url", "user", "password"}
    assert guest.ready["buckets"].keys() == {
        "importSharedAudience",
        "exportSharedAudience",
        "importFiles",
        "audienceManagerInbound",
        "audienceManagerOutbound",
        "customerAttributes",
    }
    assert guest.ready["platform"].keys() == {"url", "files"}
    assert guest.ready["admin"].keys() == {"url"}


async def test_an_operator_logs_on_to_campaign_with_the_password_told(guest):
    user, password = guest.ready["campaign"]["user"], guest.ready["campaign"]["password"]
    parameters = f"<sessiontoken/><login>{user}</login><password>{password}</password><parameters/>"
    status, answer = await guest.soap("xtk:session", "Logon", parameters)
    assert status == 200
    assert "pstrSessionToken" in answer


async def test_a_token_of_the_token_service_opens_campaign(guest):
    status, answer = await guest.count_recipients(await guest.token())
    assert status == 200
    assert '<recipient count="100"' in answer.replace("'", '"')


async def test_a_token_does_not_open_campaign_once_its_day_is_over(guest):
    token = await guest.token()
    await guest.post("/sandbox/clock", {"advance_seconds": 86400})
    _, answer = await guest.count_recipients(token)
    assert "Fault" in answer


async def test_the_first_day_is_dropped_when_it_answers(guest):
    names = sorted(file.name for file in directory_of(guest.ready["buckets"]["importSharedAudience"]).iterdir())
    assert [name.rpartition(".")[2] for name in names] == ["info", "gz"]
    assert names[1].startswith("S3_4711_38888_full_")


async def test_the_same_seed_drops_the_same_lines(visiting):
    drops = []
    for _ in range(2):
        async with visiting(seed=3) as guest:
            [file] = directory_of(guest.ready["buckets"]["importSharedAudience"]).glob("*.gz")
            drops.append(gzip.decompress(file.read_bytes()))
    assert drops[0] == drops[1]


async def test_a_state_directory_is_taken_up_again(visiting, tmp_path):
    async with visiting(state=tmp_path) as first:
        await first.post("/sandbox/clock", {"advance_seconds": 86400})
        before = first.sandbox.instance.now()
        first.sandbox.instance.campaign.database.execute("INSERT INTO folder (id, name) VALUES (77, 'kept')")
        first.sandbox.instance.campaign.database.commit()
    async with visiting(state=tmp_path) as second:
        kept = second.sandbox.instance.campaign.database.execute("SELECT name FROM folder WHERE id = 77").fetchone()
        assert kept == ("kept",)
        assert second.sandbox.instance.now() - before < timedelta(hours=1)
        assert len(list((tmp_path / "importSharedAudience").glob("*.gz"))) == 2


async def test_what_fell_due_between_two_starts_is_dropped_at_the_second(visiting, tmp_path):
    async with visiting(state=tmp_path):
        pass
    state = json.loads((tmp_path / "sandbox.json").read_text())
    (tmp_path / "sandbox.json").write_text(json.dumps(state | {"clock_offset_seconds": 2 * 86400}))
    async with visiting(state=tmp_path):
        assert len(list((tmp_path / "importSharedAudience").glob("*.gz"))) == 3


async def test_a_drop_that_was_taken_away_is_not_made_again(visiting, tmp_path):
    async with visiting(state=tmp_path):
        [drop] = (tmp_path / "importSharedAudience").glob("*.gz")
    drop.unlink()
    async with visiting(state=tmp_path):
        assert not drop.exists()


async def test_a_directory_with_other_data_is_refused(visiting, tmp_path):
    async with visiting(state=tmp_path, seed=1):
        pass
    with pytest.raises(StateError, match="holds 100 recipients of seed 1, not 100 of seed 2"):
        async with visiting(state=tmp_path, seed=2):
            pass


async def test_an_interrupted_seeding_is_done_anew(visiting, tmp_path):
    async with visiting(state=tmp_path):
        pass
    (tmp_path / "campaign.sqlite").unlink()
    (tmp_path / ".campaign.sqlite.part").write_bytes(b"half")
    async with visiting(state=tmp_path) as guest:
        _, answer = await guest.count_recipients(await guest.token())
        assert "100" in answer


async def test_a_broken_state_is_refused_with_what_to_do(visiting, tmp_path):
    (tmp_path / "sandbox.json").write_text("[]")
    with pytest.raises(StateError, match="Remove"):
        async with visiting(state=tmp_path):
            pass


async def test_a_directory_of_its_own_ends_with_it(visiting):
    async with visiting() as guest:
        directory = guest.sandbox.instance.directory
        assert directory.exists()
    assert not directory.exists()


async def test_what_keeps_time_ends_even_if_it_is_woken_at_that_moment(guest):
    keeping = asyncio.create_task(guest.sandbox.instance.keep_time())
    await asyncio.sleep(0.5)
    guest.sandbox.instance.wake()
    keeping.cancel()
    await asyncio.wait([keeping], timeout=10)
    assert keeping.cancelled()


async def test_a_taken_port_is_an_error(visiting, guest):
    taken = int(guest.ready["admin"]["url"].rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        async with visiting(port=taken):
            pass


async def test_a_campaign_of_generation_8_takes_tokens_and_no_passwords(visiting):
    async with visiting(edition=V8) as guest:
        user, password = guest.ready["campaign"]["user"], guest.ready["campaign"]["password"]
        parameters = f"<sessiontoken/><login>{user}</login><password>{password}</password><parameters/>"
        assert "XSV-350012" in (await guest.soap("xtk:session", "Logon", parameters))[1]
        assert '<recipient count="100"' in (await guest.count_recipients(await guest.token()))[1]
