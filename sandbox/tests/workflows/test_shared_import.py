"""How lists are filled from the files of shared audiences."""

import hashlib

import pytest

IMPORT = "importSharedAudience"


def test_a_batch_replaces_the_whole_list_at_the_next_poll(office):
    seen = office.seen(5)
    office.bind("gold")
    office.put_in("gold", list(seen)[:1])
    office.drop(list(seen.values())[1:])
    assert office.members("gold") == list(seen)[:1]
    office.an_hour_passes()
    assert office.members("gold") == list(seen)[1:]


def test_only_ids_that_reconcile_are_kept(office):
    seen = office.seen(2)
    office.bind("gold")
    office.drop([*seen.values(), "9" * 38])
    office.an_hour_passes()
    assert office.members("gold") == list(seen)
    assert "2 recipients of 3 ids, 1 ids not reconciled" in office.journal(IMPORT)[-1]


def test_all_recipients_of_a_shared_id_become_members(office):
    [(id_,)] = office.rows(
        "SELECT source_id FROM tracking_log GROUP BY source_id HAVING count(DISTINCT recipient_id) = 2 LIMIT 1"
    )
    office.bind("gold")
    office.drop([id_])
    office.an_hour_passes()
    assert len(office.members("gold")) == 2


def test_only_the_one_seen_last_does_if_that_is_assumed(opened):
    office = opened(latest_log_wins=True)
    [(id_, *_)] = office.rows(
        "SELECT source_id FROM tracking_log GROUP BY source_id HAVING count(DISTINCT recipient_id) = 2 LIMIT 1"
    )
    office.bind("gold")
    office.drop([id_])
    office.an_hour_passes()
    last = office.rows(
        "SELECT recipient_id FROM tracking_log WHERE source_id = ? ORDER BY log_date DESC, id DESC LIMIT 1", id_
    )
    assert [(member,) for member in office.members("gold")] == last


def test_a_late_part_is_waited_for_and_all_parts_are_merged(office):
    seen = office.seen(8)
    office.bind("gold")
    late = office.drop(seen.values(), parts=4, leave_out=(2,))[2]
    office.an_hour_passes()
    assert office.members("gold") == []
    assert "3 of 4 parts are there" in office.journal(IMPORT)[-1]
    office.arrive(late)
    office.an_hour_passes()
    assert office.members("gold") == list(seen)


def test_without_a_control_file_a_gap_in_the_numbers_is_waited_for(office):
    seen = office.seen(8)
    office.bind("gold")
    late = office.drop(seen.values(), parts=4, leave_out=(1,), control=False)[1]
    office.an_hour_passes(3)
    assert office.members("gold") == []
    office.arrive(late)
    office.an_hour_passes(2)
    assert office.members("gold") == list(seen)


def test_without_a_control_file_a_last_part_that_is_late_is_waited_for_by_one_more_poll(office):
    seen = office.seen(8)
    office.bind("gold")
    late = office.drop(seen.values(), parts=4, leave_out=(3,), control=False)[3]
    office.an_hour_passes()
    assert office.members("gold") == []
    office.arrive(late)
    office.an_hour_passes()
    assert office.members("gold") == []
    office.an_hour_passes()
    assert office.members("gold") == list(seen)


def test_a_part_that_differs_from_the_control_file_keeps_the_batch_out(office):
    office.bind("gold")
    [file] = office.drop(office.seen(3).values())
    office.instance.buckets.imported.put(file.name, file.content[:-1])
    office.an_hour_passes()
    assert office.members("gold") == []


def test_a_newer_batch_does_not_wait_for_one_that_never_arrives_whole(office):
    seen = office.seen(6)
    office.bind("gold")
    missing = office.drop(list(seen.values())[:3], parts=3, leave_out=(0,))[0]
    office.drop(list(seen.values())[3:], hours=1)
    office.an_hour_passes()
    assert office.members("gold") == list(seen)[3:]
    office.arrive(missing)
    office.an_hour_passes()
    assert office.members("gold") == list(seen)[3:]


def test_a_list_is_left_alone_by_batches_that_do_not_name_its_audience(office):
    seen = office.seen(3)
    office.bind("gold")
    office.bind("other", audience=78)
    office.put_in("other", list(seen))
    office.drop(list(seen.values())[:1])
    office.an_hour_passes()
    assert office.members("other") == list(seen)


def test_it_is_emptied_by_them_if_that_is_assumed(opened):
    office = opened(unmentioned_lists_are_emptied=True)
    seen = office.seen(3)
    office.bind("other", audience=78)
    office.put_in("other", list(seen))
    office.drop(list(seen.values())[:1])
    office.an_hour_passes()
    assert office.members("other") == []


def test_the_daily_drop_fills_a_list_bound_to_its_segment(office):
    office.bind("daily", audience=24)
    office.an_hour_passes()
    assert len(office.members("daily")) > 20


@pytest.mark.parametrize(
    ("algorithm", "code"),
    [
        ("none", lambda text: text),
        ("SHA-256", lambda text: hashlib.sha256(text.encode()).hexdigest()),
    ],
)
def test_a_declared_id_is_compared_with_the_hashed_value_of_its_key(office, algorithm, code):
    people = office.rows("SELECT id, email FROM recipient WHERE email <> '' ORDER BY id LIMIT 3")
    with office.database:
        office.database.execute(
            'INSERT INTO data_source (id, name, "reconciliationKey", "aamDataSourceId", "aamDestinationId",'
            " \"hashAlgorithm\") VALUES (2, 'declared', '@email', 38888, 4711, ?)",
            (algorithm,),
        )
    office.bind("gold", source=2)
    office.drop([code(email) for _, email in people])
    office.an_hour_passes()
    assert office.members("gold") == [recipient for recipient, _ in people]


def test_a_paused_workflow_takes_nothing_until_it_is_started(office):
    seen = office.seen(2)
    office.bind("gold")
    office.drop(seen.values())
    office.instance.set_faults({"paused_workflows": [IMPORT]})
    office.an_hour_passes(3)
    assert office.members("gold") == []
    office.instance.set_faults({"paused_workflows": []})
    office.an_hour_passes()
    assert office.members("gold") == list(seen)


def test_polls_go_on_after_the_instance_is_opened_again(opened):
    office = opened()
    seen = office.seen(2)
    office.bind("gold")
    office.an_hour_passes(5)
    office.instance.close()
    again = opened()
    again.drop(seen.values())
    again.an_hour_passes()
    assert again.members("gold") == list(seen)


def test_a_poll_that_fails_is_told_in_the_journal_and_the_next_one_goes_on(office, monkeypatch):
    seen = office.seen(2)
    office.bind("gold")
    office.drop(seen.values())

    def away(_):
        raise ConnectionError("the bucket of 0123456789 is away")

    with monkeypatch.context() as broken:
        broken.setattr(type(office.instance.buckets.imported), "files", away)
        office.an_hour_passes()
    assert office.journal(IMPORT) == ["The workflow failed: ConnectionError."]
    office.an_hour_passes()
    assert office.members("gold") == list(seen)
