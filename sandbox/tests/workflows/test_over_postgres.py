"""Lists filled by workflows where Campaign's database is PostgreSQL."""

from datetime import timedelta

BIND = "INSERT INTO list_group (name, shared_audience_id, data_source_id) VALUES ('gold', 24, 1)"
MEMBERS = "SELECT recipient_id FROM membership ORDER BY recipient_id"


async def members_after_an_hour(guest, *, file=False):
    instance = guest.sandbox.instance
    if file:
        instance.files.put("gold.csv", b"id\n1001\n1002\n")
        instance.workflows.post_event("wkfAudienceImport", "signal", {"fileName": "gold.csv", "listName": "files"})
    else:
        with instance.campaign.database as database:
            database.execute(BIND)
    await instance.advance(timedelta(hours=1))
    return [member for (member,) in instance.campaign.database.execute(MEMBERS).fetchall()]


async def test_a_shared_audience_fills_the_same_list(visiting, postgres_url):
    found = []
    for database in ("", postgres_url):
        async with visiting(database=database) as guest:
            found.append(await members_after_an_hour(guest))
    assert found[0]
    assert found[0] == found[1]


async def test_a_file_fills_a_list(visiting, postgres_url):
    async with visiting(database=postgres_url) as guest:
        assert await members_after_an_hour(guest, file=True) == [1001, 1002]
