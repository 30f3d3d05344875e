"""How members of a list reach the export bucket."""

import pytest

UPDATE, EXPORT = "wkfAudienceExport", "exportSharedAudience"


@pytest.fixture
def gold(office):
    """A list of three seen recipients and of one who was never seen; the Visitor IDs of the three."""
    seen = office.seen(3)
    query = "SELECT id FROM recipient WHERE id NOT IN (SELECT recipient_id FROM tracking_log) LIMIT 1"
    [(unseen,)] = office.rows(query)
    office.bind("gold", audience=0)
    office.put_in("gold", [*seen, unseen])
    places = ", ".join("?" * len(seen))
    ids = office.rows(f"SELECT source_id FROM tracking_log WHERE recipient_id IN ({places})", *seen)
    return sorted({id_ for (id_,) in ids})


def test_ids_of_members_are_written_at_the_next_poll_with_the_audiences_trait(office, gold):
    office.signal(UPDATE, listName="gold", audienceId="55")
    assert office.exported() == {}
    office.an_hour_passes()
    [(key, lines)] = office.exported().items()
    moment = office.instance.now()
    assert key.startswith(f"date={moment:%Y-%m-%d}/ftp_dpm_38888_")
    assert key.endswith(".sync.gz")
    assert lines == [f"{id_}\td_sid=55" for id_ in gold]


def test_members_without_an_id_are_the_complement(office, gold):
    office.signal(UPDATE, listName="gold", audienceId="55")
    assert f"Results {len(gold)}, Complement 1" in office.journal(UPDATE)[-1]


def test_two_audiences_share_a_line_of_one_user(office, gold):
    office.signal(UPDATE, listName="gold", audienceId="55")
    office.signal(UPDATE, listName="gold", audienceId="56")
    office.an_hour_passes()
    [lines] = office.exported().values()
    assert lines == [f"{id_}\td_sid=55,d_sid=56" for id_ in gold]


def test_what_was_exported_is_not_exported_again(office, gold):
    office.signal(UPDATE, listName="gold", audienceId="55")
    office.an_hour_passes(4)
    assert len(office.exported()) == 1


def test_a_member_that_left_is_not_removed_since_exports_only_add(office, gold):
    office.signal(UPDATE, listName="gold", audienceId="55")
    office.an_hour_passes()
    with office.database:
        office.database.execute("DELETE FROM membership")
    office.signal(UPDATE, listName="gold", audienceId="55")
    office.an_hour_passes()
    assert all("d_unsid" not in line for lines in office.exported().values() for line in lines)
    assert len(office.exported()) == 1


@pytest.mark.parametrize("variables", [{}, {"listName": "gold"}, {"listName": "none", "audienceId": "55"}])
def test_what_is_missing_is_only_in_the_journal(office, gold, variables):
    office.signal(UPDATE, **variables)
    assert "cannot be updated" in office.journal(UPDATE)[-1]


def test_a_stopped_export_keeps_what_waits(office, gold):
    office.instance.workflows.stop(EXPORT)
    office.signal(UPDATE, listName="gold", audienceId="55")
    office.an_hour_passes(2)
    assert office.exported() == {}
    office.instance.workflows.start(EXPORT)
    office.an_hour_passes()
    assert len(office.exported()) == 1
