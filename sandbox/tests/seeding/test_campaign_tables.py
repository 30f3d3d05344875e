"""What Campaign holds after the seeding."""

from collections import Counter

import pytest
from audience_gateway_sandbox.campaign.database import open_database
from audience_gateway_sandbox.seeding import fill_campaign, populate


def test_the_lowest_ids_are_people_whom_a_hand_written_file_can_name(database):
    rows = database.execute("SELECT id, email, blackList FROM recipient ORDER BY id LIMIT 4").fetchall()
    assert rows == [
        (1000, "ada@example.org", 0),
        (1001, "grace@example.org", 0),
        (1002, "alan@example.org", 0),
        (1003, "edsger@example.org", 1),
    ]


def test_there_are_as_many_recipients_as_asked_and_a_quarter_more_tracking_logs(database):
    counts = "SELECT (SELECT count(*) FROM recipient), (SELECT count(*) FROM tracking_log)"
    assert database.execute(counts).fetchone() == (2000, 2500)


def test_emails_are_unique_however_they_are_written(database):
    emails = [email.strip().lower() for (email,) in database.execute("SELECT email FROM recipient") if email]
    assert len(emails) == len(set(emails)) == 1980


def test_some_emails_have_capitals_and_some_have_blanks_around(database):
    emails = [email for (email,) in database.execute("SELECT email FROM recipient")]
    assert sum(email != email.lower() for email in emails) > 5
    assert sum(email != email.strip() for email in emails) > 5


def test_four_in_a_hundred_have_opted_out_and_one_famous(database):
    assert database.execute("SELECT count(*) FROM recipient WHERE blackList").fetchone() == (81,)


def test_some_recipients_have_several_visitor_ids_and_some_have_none(database):
    counts = database.execute(
        "SELECT count(DISTINCT source_id) FROM recipient LEFT JOIN tracking_log ON recipient_id = recipient.id"
        " GROUP BY recipient.id"
    )
    ids = Counter(min(count, 2) for (count,) in counts)
    assert ids[0] == 200
    assert ids[2] >= 400


def test_two_in_a_hundred_visitor_ids_are_shared_by_two_who_came_at_different_times(database):
    shared = database.execute(
        "SELECT source_id, count(DISTINCT recipient_id), count(*) = count(DISTINCT log_date) FROM tracking_log"
        " GROUP BY source_id HAVING count(DISTINCT recipient_id) > 1"
    ).fetchall()
    assert len(shared) == 44
    assert all((recipients, differ) == (2, 1) for _, recipients, differ in shared)


def test_every_visitor_id_is_38_digits_of_text_in_two_halves_below_2_to_the_63(database):
    ids = [id_ for (id_,) in database.execute("SELECT DISTINCT source_id FROM tracking_log")]
    assert all(len(id_) == 38 and id_.isdecimal() for id_ in ids)
    assert all(max(int(id_[:19]), int(id_[19:])) < 2**63 for id_ in ids)
    assert any(id_.startswith("0") for id_ in ids)


def test_audience_sharing_is_provisioned(database):
    accounts = {name for (name,) in database.execute("SELECT name FROM ext_account")}
    assert accounts == {"importSharedAudience", "exportSharedAudience", "Adobe_Marketing_Cloud"}
    assert dict(database.execute("SELECT name, value FROM option")) == {
        "AAM_DataSourceId": "38888",
        "AAM_DestinationId": "4711",
        "NmsCdp_Aep_Audience_List_Limit": "25",
        "NmsCdp_Aep_Destinations_Max_Columns": "20",
    }


def test_the_same_seed_gives_the_same_rows(database, population, tmp_path):
    again = open_database(tmp_path / "again.sqlite")
    fill_campaign(again, populate(2000, seed=7))
    for query in ("SELECT * FROM recipient ORDER BY id", "SELECT * FROM tracking_log ORDER BY id"):
        assert database.execute(query).fetchall() == again.execute(query).fetchall()
    again.close()


def test_too_few_recipients_are_refused():
    with pytest.raises(ValueError, match="100 do"):
        populate(99, seed=1)


def test_a_filled_database_has_the_indexes_of_an_empty_one(database, tmp_path):
    query = "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name"
    empty = open_database(tmp_path / "empty.sqlite")
    assert database.execute(query).fetchall() == empty.execute(query).fetchall()
    empty.close()
