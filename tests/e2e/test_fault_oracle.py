"""What `make faults` calls a loss, a doubling and a false success."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "faults"))

import oracle
from ledger import Chunk, Entry
from oracle import Verdict
from results import Results

OUTCOMES = ("delivered", "unchanged", "unmatched", "rejected", "suppressed", "duplicate", "withheld")


def receipt(state="succeeded", removed=0, **outcomes):
    reasons = {"delivered": "added", "withheld": "cancelled", "rejected": "invalid_id"}
    return {
        "state": state,
        "rows_read": sum(outcomes.values()),
        "source_complete": True,
        "outcomes": {name: outcomes.get(name, 0) for name in OUTCOMES},
        "reasons": {name: {reasons[name]: outcomes[name]} if name in outcomes else {} for name in OUTCOMES},
        "removals": {"removed": removed},
    }


def entry(told, *chunks):
    return Entry(told["state"], told, (Chunk("extract", "kept", told["rows_read"], 0), *chunks))


def test_members_that_are_missing_after_a_success_are_lost_and_the_success_is_false():
    verdict = oracle.complete({"a", "b", "c"}, {"a"}, 0)
    assert (verdict.lost, len(verdict.untrue), verdict.survived) == (2, 1, False)


def test_strangers_make_a_success_false():
    assert oracle.complete({"a"}, {"a", "x"}, 0).untrue


def test_a_member_given_twice_is_doubled():
    verdict = oracle.complete({"a"}, {"a"}, 1)
    assert (verdict.doubled, verdict.survived) == (1, False)


def test_what_should_be_there_and_is_there_once_is_survival():
    assert oracle.complete({"a", "b"}, {"a", "b"}, 0).survived


def test_a_ledger_that_agrees_with_its_receipt_is_consistent():
    assert oracle.consistent(entry(receipt(delivered=3, rejected=1), Chunk("add", "sent", 3, 0))).survived


@pytest.mark.parametrize(
    ("told", "chunks"),
    [
        (receipt(delivered=3), [Chunk("add", "sent", 2, 0)]),
        (receipt(delivered=3), [Chunk("add", "sent", 3, 1)]),
        (receipt(delivered=3), [Chunk("add", "sent", 3, 0), Chunk("add", "sending", 1, 0)]),
        (receipt(delivered=3, removed=1), [Chunk("add", "sent", 3, 0)]),
        (receipt(delivered=3) | {"rows_read": 4}, [Chunk("add", "sent", 3, 0)]),
    ],
    ids=["fewer sent", "refused", "under way", "not removed", "rows without outcome"],
)
def test_a_ledger_that_says_otherwise_makes_a_success_false(told, chunks):
    assert oracle.consistent(entry(told, *chunks)).untrue


def test_an_end_without_a_receipt_is_untrue():
    assert oracle.consistent(Entry("failed", None, ())).untrue


def test_a_cancelled_transfer_is_true_where_the_destination_holds_what_it_calls_delivered():
    told = receipt(state="cancelled", removed=1, delivered=1, withheld=1)
    before, source = {"leaver", "stays"}, {"stays", "joiner", "unsent"}
    assert oracle.truthful(told, {"joiner"}, before=before, source=source, held={"stays", "joiner"}).survived


@pytest.mark.parametrize(
    "held",
    [{"stays"}, {"stays", "joiner", "unsent"}, {"joiner"}, {"stays", "joiner", "leaver"}],
    ids=["not there", "there and not told", "removed and a member", "not removed"],
)
def test_a_cancelled_transfer_is_untrue_where_the_destination_holds_anything_else(held):
    told = receipt(state="cancelled", removed=1, delivered=1, withheld=1)
    before, source = {"leaver", "stays"}, {"stays", "joiner", "unsent"}
    assert oracle.truthful(told, {"joiner"}, before=before, source=source, held=held).untrue


def test_one_fault_not_survived_makes_a_run_fail():
    results = Results()
    results.add("kill", 8, Verdict())
    assert results.all_survived
    results.add("kill", 1, Verdict(unended=True))
    assert not results.all_survived
    assert (results.tallies["kill"].tried, results.tallies["kill"].survived) == (9, 8)
