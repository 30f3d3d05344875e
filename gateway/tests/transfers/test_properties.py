"""What holds of transfers whatever the rows, the records and the refusals: nothing is lost, and shares converge."""

from __future__ import annotations

from collections import Counter

from at_once import ANY, few, shares
from audience_gateway.sdk import CandidatePolicy, Outcome, Reason
from audience_gateway.transfers.model import GuardLimits, TransferMode, TransferState
from hypothesis import assume, example, given
from hypothesis import strategies as st
from systems import Ids, Record, Records, Row

NAMES = "abcdefgh"
DEFECTS = st.sampled_from([None, None, None, Reason.MALFORMED_ROW])
ROWS = st.lists(
    st.builds(Row, st.none() | st.sampled_from(["a", "A", "b", "c", "d", "e", "bad"]), st.booleans(), DEFECTS),
    max_size=9,
)
CHANGES = st.lists(
    st.builds(
        Row,
        st.none() | st.sampled_from(["a", "A", "b", "c", "d", "e", "bad"]),
        st.booleans(),
        DEFECTS,
        leaves=st.booleans(),
    ),
    max_size=9,
)
PEOPLE = st.lists(st.sampled_from(NAMES).map(Row), max_size=8)
RECORDS = st.lists(
    st.builds(Record, st.sampled_from("abcde"), st.sampled_from("1234"), st.integers(1, 3), st.booleans()), max_size=8
)
REFUSED = st.sets(st.sampled_from("1234" + NAMES), max_size=3)
TARGETS = st.builds(lambda index, refuses: Records(index=index, refuses=refuses), RECORDS, REFUSED) | st.builds(
    lambda refuses: Ids(refuses=refuses), REFUSED
)
SHARED = st.sampled_from([TransferMode.REPLACE, TransferMode.ADD_ONLY, TransferMode.REMOVE_ONLY])
ANY_MODE = SHARED | st.just(TransferMode.DELTA)
POLICIES = st.sampled_from(CandidatePolicy)
# What rows end in that claim a member, or would if an earlier one did not.
CLAIMS = {Reason.ADDED, Reason.ALREADY_MEMBER, Reason.REFUSED_BY_DESTINATION, Reason.SAME_TARGET}


def wanted(rows: list[Row]) -> set[str]:
    """The ids that may be delivered."""
    return {row.id.lower() for row in rows if row.id and not row.opted_out and not row.defect} - {"bad"}


def met(target: Ids, rows: list[Row], policy: CandidatePolicy) -> set[str]:
    """The members that rows stand for, found by other means than the gateway's."""
    return {one for name in wanted(rows) for one in members_of(target, name, policy)}


def members_of(target: Ids, name: str, policy: CandidatePolicy, *, leaving: bool = False) -> set[str]:
    """The members that an id stands for; who is leaving may have opted out."""
    if not isinstance(target, Records):
        return {name}
    seen: dict[str, tuple[int, bool]] = {}
    for record in target.index:
        if record.id == name:
            day, out = seen.get(record.target, (0, False))
            seen[record.target] = (max(day, record.day), out or record.opted_out)
    if policy is CandidatePolicy.LATEST and seen:
        latest = min(seen, key=lambda one: (-seen[one][0], one))
        seen = {latest: seen[latest]}
    if policy is CandidatePolicy.REJECT and len(seen) != 1:
        return set()
    return {one for one, (_, out) in seen.items() if leaving or not out}


def changed(target: Ids, before: set[str], rows: list[Row], policy: CandidatePolicy) -> set[str]:
    """Who is a member after changes: the last row of an id counts, and then the last one of a member."""
    last: dict[str, Row] = {}
    for row in rows:
        if row.id and row.id != "bad" and not row.defect:
            last.pop(row.id.lower(), None)
            last[row.id.lower()] = row
    leaves: dict[str, bool] = {}
    for name, row in last.items():
        if row.leaves or not row.opted_out:
            leaves |= dict.fromkeys(members_of(target, name, policy, leaving=row.leaves), row.leaves)
    gone = {one for one in leaves if leaves[one]} - target.refuses
    return (before | ({one for one in leaves if not leaves[one]} - target.refuses)) - gone


@few
@given(TARGETS, st.lists(st.tuples(CHANGES, ANY_MODE), min_size=1, max_size=2), POLICIES, st.integers(1, 9))
def test_each_row_has_one_outcome_and_the_counts_sum_to_the_rows(target, turns, policy, chunk_rows):
    with shares(target, chunk_rows) as opened:
        for rows, mode in turns:
            transfer = opened.share(rows, mode, policy)
            outcomes = transfer.outcomes
            assert {count.outcome for count in outcomes} == set(Outcome)
            assert sum(count.rows for count in outcomes) == len(rows)
            assert all(sum(count.reasons.values()) == count.rows for count in outcomes)
            if transfer.state is not TransferState.WITHHELD:
                receipt = opened.receipt(transfer)
                assert (receipt.rows_read, receipt.outcomes) == (len(rows), outcomes)
            counted = Counter({reason: n for count in outcomes for reason, n in count.reasons.items()})
            assert counted == Counter(opened.reasons(transfer))


@few
@given(TARGETS, PEOPLE, PEOPLE, SHARED, POLICIES)
def test_the_snapshot_merges_what_was_there_with_what_was_delivered(target, first, second, mode, policy):
    with shares(target) as opened:
        opened.share(first, policy=policy)
        before = met(target, first, policy) - target.refuses
        assert target.held == before
        target.refuses = set("1ab")
        opened.share(second, mode, policy)
        named = met(target, second, policy)
        if mode is TransferMode.REMOVE_ONLY:
            # Who has opted out may leave all the same.
            index = [Record(one.id, one.target, one.day) for one in getattr(target, "index", [])]
            anybody = Records(index=index) if isinstance(target, Records) else target
            after = before - (met(anybody, second, policy) - target.refuses)
        elif mode is TransferMode.ADD_ONLY:
            after = before | (named - target.refuses)
        elif not named and before:
            after = before  # withheld
        else:
            after = (named - (target.refuses - before)) | (before & target.refuses)
        assert target.held == after
        assert opened.snapshot() == {(one, True) for one in after} or not after


@few
@given(TARGETS, PEOPLE, CHANGES, st.integers(0, 9), POLICIES)
def test_changes_one_after_the_other_are_what_they_are_at_once_row_by_row(target, first, rows, at, policy):
    for parts in ([rows], [rows[:at], rows[at:]]):
        target.held.clear()
        with shares(target) as opened:
            opened.share(first, policy=policy)
            for part in parts:
                after = changed(target, set(target.held), part, policy)
                opened.share(part, TransferMode.DELTA, policy)
                assert target.held == after
                assert opened.snapshot() == {(one, True) for one in after} or not after


@few
@given(PEOPLE, CHANGES, REFUSED, st.booleans())
def test_changes_taken_back_leave_who_was_there_and_has_not_opted_out(first, rows, refuses, records):
    index = [Record(name, name) for name in NAMES]
    target = Records(index=index, refuses=refuses) if records else Ids(refuses=refuses)
    with shares(target) as opened:
        opened.share(first)
        before = set(target.held)
        transfer = opened.share(rows, TransferMode.DELTA)
        if target.held == before:
            return  # there is nothing to take back
        out = {row.id.lower() for row in rows if row.id and row.opted_out}
        gone = before - target.held
        opened.undo(transfer)
        assert before - (gone & out) <= target.held <= before


@few
@given(TARGETS, CHANGES, POLICIES, ANY_MODE)
@example(Ids(), [], CandidatePolicy.ALL, TransferMode.REPLACE)  # withheld, and superseded by the next one
def test_sharing_again_changes_nothing(target, rows, policy, mode):
    with shares(target) as opened:
        opened.share([Row(name) for name in "abc"])
        opened.share(rows, mode, policy)
        held, snapshot = set(target.held), opened.snapshot()
        again = opened.share(rows, mode, policy)
        reasons = Counter(opened.reasons(again))
        assert (target.held, opened.snapshot()) == (held, snapshot)
        assert not reasons[Reason.ADDED] + reasons[Reason.REMOVED]


@few
@given(TARGETS, ROWS, POLICIES, st.randoms(use_true_random=False), st.integers(1, 9))
def test_neither_the_order_of_rows_nor_the_size_of_chunks_says_who_is_delivered(
    target, rows, policy, chance, chunk_rows
):
    shuffled = chance.sample(rows, len(rows))
    with shares(target) as opened:
        reasons = Counter(opened.reasons(opened.share(rows, policy=policy)))
        held = set(target.held)
    target.held.clear()
    with shares(target, chunk_rows) as opened:
        others = Counter(opened.reasons(opened.share(shuffled, policy=policy)))
    assert target.held == held
    # Which of two rows stands for a member that both stand for is a question of order, and of nothing else.
    assert {one: n for one, n in reasons.items() if one not in CLAIMS} == {
        one: n for one, n in others.items() if one not in CLAIMS
    }
    if not isinstance(target, Records):
        assert reasons == others


@few
@given(TARGETS, PEOPLE, PEOPLE, st.integers(0, 3))
def test_what_the_guard_holds_back_changes_nothing_and_is_accounted_for(target, first, second, allowed):
    with shares(target) as opened:
        opened.share(first)
        held = set(target.held)
        transfer = opened.share(second, guard=GuardLimits(removed_rows=allowed, removed_share=0.0))
        leaving = held - met(target, second, CandidatePolicy.ALL)
        if transfer.state is TransferState.WITHHELD:
            assert target.held == held
            assert len(leaving) > allowed or not met(target, second, CandidatePolicy.ALL)
            assert not {Reason.ADDED, Reason.REMOVED} & set(opened.reasons(transfer))
        else:
            assert len(leaving) <= allowed


@few
@given(st.sets(st.sampled_from(NAMES), min_size=1), st.sets(st.sampled_from(NAMES), min_size=1), REFUSED, st.booleans())
def test_undo_gives_the_snapshot_of_before_and_redo_that_of_after(first, second, refuses, records):
    kept = first - refuses
    assume(kept and (kept ^ second) - refuses)
    index = [Record(name, name) for name in NAMES]
    target = Records(index=index, refuses=refuses) if records else Ids(refuses=refuses)
    with shares(target) as opened:
        opened.share([Row(name) for name in sorted(first)], guard=ANY)
        before = opened.snapshot(), set(target.held)
        shared = opened.share([Row(name) for name in sorted(second)], guard=ANY)
        after = opened.snapshot(), set(target.held)
        undone = opened.undo(shared)
        assert (opened.snapshot(), target.held) == before
        opened.undo(undone)
        assert (opened.snapshot(), target.held) == after
