"""Ids that meet several records: each stands for those that have it, and for none that these lead to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import pyarrow as pa
import pytest
from audience_gateway.identity.candidates import find_candidates
from audience_gateway.identity.lookup import reasons
from audience_gateway.sdk import CandidatePolicy, Reason
from audience_gateway.storage.relations import QueryLimits, Relations

ALL, LATEST, REJECT = CandidatePolicy.ALL, CandidatePolicy.LATEST, CandidatePolicy.REJECT
A, B, C, D = (UUID(int=(0xABCDEF << 104) + number) for number in range(4))


@pytest.fixture
def session(tmp_path):
    with Relations(tmp_path / "scratch", QueryLimits()) as relations, relations.session() as session:
        yield session


def met(session, asked, entries: Iterable[tuple[UUID, str, int]], policy=ALL, *, oldest: datetime | None = None):
    """The records of each id; entries are an id, a record, and the day that they were seen together."""
    session.table("first", "SELECT NULL::BIGINT AS row, NULL::UUID AS key, NULL::BOOLEAN AS leaves LIMIT 0")
    columns = list(zip(*entries, strict=True))
    index = {
        "id": pa.array([str(key) for key in columns[0]]),
        "target": pa.array(columns[1]),
        "last_seen": pa.array([datetime(2026, 1, day, tzinfo=UTC) for day in columns[2]]),
    }
    session.arrow("read", pa.table(index))
    session.table("entry", "SELECT id::UUID AS key, target, last_seen, false AS opted_out FROM read")
    for row, key in enumerate(asked):
        session.rows("INSERT INTO first VALUES (?, ?, false)", [row, str(key)])
    find_candidates(session, policy, oldest)
    found = session.rows("SELECT row, list(target ORDER BY target) FROM eligible GROUP BY row")
    return {asked[row]: targets for row, targets in found}


@pytest.mark.parametrize(("policy", "records"), [(ALL, ["ada", "bob"]), (LATEST, ["bob"]), (REJECT, None)])
def test_two_people_with_one_id_are_both_one_or_none_and_never_one_for_the_other(session, policy, records):
    entries = [(A, "ada", 1), (A, "bob", 2), (B, "ada", 3)]
    assert met(session, [A], entries, policy).get(A) == records


def test_complaint_5_a_device_of_two_people_leads_to_neither_where_that_is_the_policy(session):
    assert met(session, [A, B], [(A, "ada", 1), (A, "bob", 2), (B, "ada", 1)], REJECT) == {B: ["ada"]}


@pytest.mark.parametrize(("days", "owner"), [((1, 2), "bob"), ((3, 2), "ada")])
def test_complaint_6_a_device_that_changes_hands_leads_to_whom_it_was_seen_with_last(session, days, owner):
    entries = [(A, person, day) for person, day in zip(("ada", "bob"), days, strict=True)]
    assert met(session, [A], entries, LATEST) == {A: [owner]}


@pytest.mark.parametrize("policy", CandidatePolicy)
def test_one_person_with_two_ids_is_found_by_each(session, policy):
    assert met(session, [A, B], [(A, "ada", 1), (B, "ada", 2)], policy) == {A: ["ada"], B: ["ada"]}


def test_one_person_with_two_records_is_found_in_both(session):
    assert met(session, [A], [(A, "ada, shop", 1), (A, "ada, news", 1)]) == {A: ["ada, news", "ada, shop"]}


def test_a_cycle_of_shared_ids_makes_nobody_one(session):
    entries = [(A, "1", 1), (A, "2", 1), (B, "2", 1), (B, "3", 1), (C, "3", 1), (C, "1", 1)]
    assert met(session, [A, B, C], entries) == {A: ["1", "2"], B: ["2", "3"], C: ["1", "3"]}


def test_a_chain_of_shared_ids_is_not_followed(session):
    entries = [(A, "1", 1), (B, "1", 1), (B, "2", 1), (C, "2", 1), (C, "3", 1)]
    assert met(session, [A], entries) == {A: ["1"]}


def test_keys_that_differ_in_their_lowest_bits_only_are_of_different_people(session):
    entries = [(key, name, 1) for key, name in zip((A, B, C, D), "abcd", strict=True)]
    assert met(session, [A, B, C, D], entries) == {A: ["a"], B: ["b"], C: ["c"], D: ["d"]}
    assert len({float(key.int) for key in (A, B, C, D)}) == 1


def test_a_person_seen_twice_with_an_id_is_one_record(session):
    assert met(session, [A], [(A, "ada", 1), (A, "ada", 2)], REJECT) == {A: ["ada"]}


def test_of_two_seen_on_the_same_day_the_same_one_is_chosen_again_and_again(session):
    assert met(session, [A], [(A, "bob", 1), (A, "ada", 1)], LATEST) == {A: ["ada"]}


def test_an_id_that_many_people_share_is_theirs_alone(session):
    crowd = [(A, f"visitor {number:04d}", 1) for number in range(1000)]
    found = met(session, [A, B], [*crowd, (B, "ada", 1)])
    assert (len(found[A]), found[B]) == (1000, ["ada"])


def test_a_record_that_was_seen_too_long_ago_is_not_met(session):
    entries = [(A, "ada", 1), (A, "bob", 3), (B, "ada", 1), (C, "carl", 2)]
    oldest = datetime(2026, 1, 2, tzinfo=UTC)
    assert met(session, [A, B, C, D], entries, oldest=oldest) == {A: ["bob"], C: ["carl"]}
    assert session.rows("FROM expired") == [(1,)]


def test_the_last_of_several_sightings_counts(session):
    entries = [(A, "ada", 1), (A, "ada", 3)]
    assert met(session, [A], entries, REJECT, oldest=datetime(2026, 1, 2, tzinfo=UTC)) == {A: ["ada"]}


OTHER_LOWEST, OTHER_HIGHEST = UUID(int=A.int ^ 1), UUID(int=A.int ^ (1 << 127))


@pytest.mark.parametrize(
    ("what", "entries", "policy", "expected"),
    [
        ("two people, one id", [(A, "ada", 3), (A, "bob", 2)], REJECT, Reason.AMBIGUOUS_ID),
        ("one person, two records", [(A, "ada, shop", 3), (A, "ada, news", 3)], REJECT, Reason.AMBIGUOUS_ID),
        ("one person, two ids", [(A, "ada", 3), (B, "ada", 3)], REJECT, None),
        ("a cycle", [(A, "1", 3), (A, "2", 3), (B, "2", 3), (B, "1", 3)], REJECT, Reason.AMBIGUOUS_ID),
        ("a cycle, one by one", [(A, "1", 3), (B, "1", 3), (B, "2", 3), (C, "2", 3), (C, "1", 1)], REJECT, None),
        ("a key of another lowest bit", [(OTHER_LOWEST, "ada", 3)], ALL, Reason.UNKNOWN_ID),
        ("a key of another highest bit", [(OTHER_HIGHEST, "ada", 3)], ALL, Reason.UNKNOWN_ID),
        ("keys between which a float sees no difference", [(B, "ada", 3), (C, "bob", 3)], ALL, Reason.UNKNOWN_ID),
        ("long not seen", [(A, "ada", 1)], ALL, Reason.EXPIRED_ID),
        ("two people, one long not seen", [(A, "ada", 1), (A, "bob", 3)], REJECT, None),
        ("nobody", [(B, "ada", 3)], LATEST, Reason.UNKNOWN_ID),
    ],
)
def test_each_trap_gets_its_reason(session, what, entries, policy, expected):
    met(session, [A], entries, policy, oldest=datetime(2026, 1, 2, tzinfo=UTC))
    session.view("asked", "SELECT row, NULL::VARCHAR AS reason FROM first")
    assert reasons(session) == [expected], what


def test_nothing_expires_unless_it_is_asked_for(session):
    assert met(session, [A, B], [(A, "ada", 1)]) == {A: ["ada"]}
    assert session.rows("FROM expired") == []


def test_a_record_whose_last_sighting_is_not_known_does_not_expire(session):
    session.table("first", f"SELECT 0::BIGINT AS row, '{A}'::UUID AS key, false AS leaves")
    session.table("entry", "SELECT key, 'ada' AS target, NULL::TIMESTAMPTZ AS last_seen, false AS opted_out FROM first")
    find_candidates(session, LATEST, datetime(2026, 1, 2, tzinfo=UTC))
    assert session.rows("SELECT target FROM eligible") == [("ada",)]
    assert session.rows("FROM expired") == []
