"""A sandbox whose Campaign is in PostgreSQL."""

from datetime import timedelta

import pytest
from audience_gateway_sandbox.state import StateError
from audience_gateway_sandbox.workflows import UPDATE_WORKFLOW


def number_of_recipients(guest):
    return guest.sandbox.instance.campaign.database.execute("SELECT count(*) FROM recipient").fetchone()


async def test_it_is_seeded_as_a_file_would_be(visiting, postgres_url):
    people = "SELECT id, email, firstName, mobilePhone, lastModified FROM recipient ORDER BY id"
    found = []
    for database in ("", postgres_url):
        async with visiting(database=database) as guest:
            found.append(guest.sandbox.instance.campaign.database.execute(people).fetchall())
    assert found[0] == found[1]


async def test_it_answers_over_the_wire(visiting, postgres_url):
    async with visiting(database=postgres_url) as guest:
        _, answer = await guest.count_recipients(await guest.token())
    assert '<recipient count="100"' in answer


async def test_it_is_taken_up_again(visiting, postgres_url):
    async with visiting(database=postgres_url) as first:
        with first.sandbox.instance.campaign.database as database:
            database.execute("DELETE FROM recipient WHERE id = 1050")
    async with visiting(database=postgres_url) as second:
        assert number_of_recipients(second) == (99,)


async def test_its_workflows_run(visiting, postgres_url):
    async with visiting(database=postgres_url) as guest:
        instance = guest.sandbox.instance
        with instance.campaign.database as database:
            database.execute("INSERT INTO list_group (id, name) VALUES (7, 'gold')")
            database.execute("INSERT INTO membership SELECT 7, recipient_id FROM tracking_log ON CONFLICT DO NOTHING")
        instance.workflows.post_event(UPDATE_WORKFLOW, "signal", {"listName": "gold", "audienceId": "1024"})
        await instance.advance(timedelta(hours=2))
        assert len(instance.buckets.exported.files()) == 1


async def test_other_data_are_refused(visiting, postgres_url):
    async with visiting(database=postgres_url):
        pass
    with pytest.raises(StateError, match="other data"):
        async with visiting(database=postgres_url, recipients=200):
            pass


async def test_a_database_that_is_not_there_is_told_without_its_password(visiting):
    with pytest.raises(StateError, match="cannot be opened") as error:
        async with visiting(database="postgresql://gateway:s3cret@127.0.0.1:9/sandbox"):
            pass
    assert "s3cret" not in str(error.value)
