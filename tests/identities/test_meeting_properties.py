"""What holds of looking ids up, whatever is in the index: an id meets its own records, all of them, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pyarrow as pa
import pytest
from audience_gateway.identity.candidates import find_candidates
from audience_gateway.sdk import CandidatePolicy
from audience_gateway.storage.relations import QueryLimits, Relations
from hypothesis import given, settings
from hypothesis import strategies as st

# Keys that only their lowest bits tell apart, that only the top bit does, and the least and the greatest.
NEIGHBOURS = [UUID(int=number) for number in (0, 1, 2, 3, 1 << 63, 1 << 64, 1 << 127, (1 << 127) + 1, (1 << 128) - 1)]
KEYS = st.sampled_from(NEIGHBOURS)
DAYS = st.integers(1, 4)


@dataclass(frozen=True)
class Entry:
    """An id and a record, seen together on a day, if that is known."""

    key: UUID
    target: str
    day: int | None
    opted_out: bool = False


ENTRIES = st.lists(st.builds(Entry, KEYS, st.sampled_from("wxyz"), st.none() | DAYS, st.booleans()), max_size=12)
ASKED = st.lists(KEYS, unique=True, max_size=len(NEIGHBOURS))
queried = settings(max_examples=min(settings.default.max_examples, 5_000))
"""For properties whose examples are queries, which take three times as long as normalising."""


@pytest.fixture(scope="module")
def relations(tmp_path_factory):
    with Relations(tmp_path_factory.mktemp("scratch"), QueryLimits(threads=1)) as relations:
        yield relations


def found(relations, asked, entries, policy, oldest=None):
    """What each id is found to stand for, what `fate` says of it, and those that are expired; by their position."""
    index = {
        "id": pa.array([str(one.key) for one in entries], pa.string()),
        "target": pa.array([one.target for one in entries], pa.string()),
        "last_seen": pa.array([on(one.day) for one in entries], pa.timestamp("us", "UTC")),
        "opted_out": pa.array([one.opted_out for one in entries], pa.bool_()),
    }
    ids = {"row": pa.array(range(len(asked)), pa.int64()), "id": pa.array([str(key) for key in asked], pa.string())}
    with relations.session() as session:
        session.arrow("read", pa.table(index))
        session.arrow("asked", pa.table(ids))
        session.view("first", "SELECT row, id::UUID AS key, false AS leaves FROM asked")
        session.view("entry", "SELECT id::UUID AS key, target, last_seen, opted_out FROM read")
        find_candidates(session, policy, None if oldest is None else on(oldest))
        eligible = session.rows("SELECT row, list(target ORDER BY target) FROM eligible GROUP BY row")
        fate = session.rows("SELECT row, records, all_opted_out FROM fate")
        expired = session.rows("FROM expired")
    return (
        {asked[row]: targets for row, targets in eligible},
        {asked[row]: (records, out) for row, records, out in fate},
        {asked[row] for (row,) in expired},
    )


def on(day: int | None) -> datetime | None:
    return None if day is None else datetime(2026, 1, day, tzinfo=UTC)


def expected(asked, entries, policy, oldest=None):
    """The same, a key at a time."""
    eligible, fate, expired = {}, {}, set()
    for key in asked:
        own = [one for one in entries if one.key == key]
        records = {
            target: (max((one.day or 0 for one in own if one.target == target), default=0), out)
            for target in {one.target for one in own}
            for out in [any(one.opted_out for one in own if one.target == target)]
        }
        fresh = {target: seen for target, seen in records.items() if not oldest or not seen[0] or seen[0] >= oldest}
        if policy is CandidatePolicy.LATEST and fresh:
            latest = min(fresh, key=lambda target: (-fresh[target][0], target))
            fresh = {latest: fresh[latest]}
        if fresh:
            fate[key] = (len(fresh), all(out for _, out in fresh.values()))
        elif records:
            expired.add(key)
        willing = sorted(target for target, (_, out) in fresh.items() if not out)
        if willing and (policy is not CandidatePolicy.REJECT or len(fresh) == 1):
            eligible[key] = willing
    return eligible, fate, expired


@queried
@given(ASKED, ENTRIES, st.sampled_from(CandidatePolicy), st.none() | DAYS)
def test_an_id_meets_what_a_search_one_by_one_finds(relations, asked, entries, policy, oldest):
    assert found(relations, asked, entries, policy, oldest) == expected(asked, entries, policy, oldest)


@queried
@given(ASKED, ENTRIES, st.sampled_from(CandidatePolicy), st.none() | DAYS)
def test_each_id_has_one_fate(relations, asked, entries, policy, oldest):
    eligible, fate, expired = found(relations, asked, entries, policy, oldest)
    known = {one.key for one in entries} & set(asked)
    assert set(eligible) <= set(fate)
    assert (set(fate) | expired, set(fate) & expired) == (known, set())


@queried
@given(ASKED, ENTRIES, st.sampled_from(CandidatePolicy), st.randoms(use_true_random=False))
def test_neither_order_nor_repeated_entries_matter(relations, asked, entries, policy, chance):
    others = chance.sample(entries * 2, 2 * len(entries))
    order = chance.sample(asked, len(asked))
    assert found(relations, order, others, policy) == found(relations, asked, entries, policy)


@queried
@given(ASKED, ENTRIES, ENTRIES, st.sampled_from(CandidatePolicy))
def test_what_others_have_changes_nothing_for_an_id(relations, asked, entries, more, policy):
    foreign = [one for one in more if one.key not in asked]
    assert found(relations, asked, entries + foreign, policy) == found(relations, asked, entries, policy)
