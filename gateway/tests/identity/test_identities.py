"""Trying out ids against a connection's identity index."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "transfers"))

from audience_gateway.identity.identities import Identities
from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.service import Match, Reconciliation
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import CandidatePolicy, ConfigError, Reason
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.suppression.model import IdsOfPeople
from audience_gateway.suppression.suppressing import Suppressing
from audience_gateway.suppression.suppression_list import SuppressionList
from systems import Ids, Record, Records, Systems

INDEX = [
    Record("one", "1"),
    Record("shared", "2", day=2),
    Record("shared", "3", day=5),
    Record("silent", "4", opted_out=True),
]
ON_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ONE, TWO, THREE = (
    Match("1", ON_FIRST, 1.0),
    Match("2", ON_FIRST.replace(day=2), 0.5),
    Match("3", ON_FIRST.replace(day=5), 0.5),
)


def identities(state: Path, systems: Systems, index_seconds: float = 900) -> Identities:
    return Identities(
        systems,
        KeptIndexes(
            systems, IndexStore(state / "indexes"), QueryLimits(), IndexLimits(fresh=timedelta(seconds=index_seconds))
        ),
        SuppressionList(state / "suppressions"),
    )


async def test_each_id_is_answered_in_its_place_with_targets_or_a_reason(tmp_path):
    asked = ["shared", "nobody", "ONE", "bad", "one", "silent"]
    answers = await identities(tmp_path, Systems({"crm": Records(index=INDEX)})).reconcile("crm", "plain", asked)
    assert answers == [
        Reconciliation((TWO, THREE)),
        Reconciliation((), Reason.UNKNOWN_ID),
        Reconciliation((ONE,)),
        Reconciliation((), Reason.INVALID_ID),
        Reconciliation((ONE,)),
        Reconciliation((), Reason.OPTED_OUT),
    ]


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        (CandidatePolicy.LATEST, Reconciliation((THREE,))),
        (CandidatePolicy.REJECT, Reconciliation((), Reason.AMBIGUOUS_ID)),
    ],
)
async def test_the_policy_decides_over_several_records(tmp_path, policy, answer):
    tried = identities(tmp_path, Systems({"crm": Records(index=INDEX)}))
    assert await tried.reconcile("crm", "plain", ["shared"], policy) == [answer]


async def test_a_record_that_was_seen_too_long_ago_is_no_target(tmp_path):
    systems = Systems({"crm": Records(index=INDEX)}, expire_days=1)
    asked = ["one", "nobody", "bad"]
    answers = await identities(tmp_path, systems).reconcile("crm", "plain", asked)
    assert [answer.reason for answer in answers] == [Reason.EXPIRED_ID, Reason.UNKNOWN_ID, Reason.INVALID_ID]


async def test_the_index_is_read_once_while_it_is_fresh(tmp_path):
    crm = Records(index=[Record("a", "1")])
    kept = identities(tmp_path, Systems({"crm": crm}))
    await kept.reconcile("crm", "plain", ["a"])
    crm.index.append(Record("b", "2"))
    assert await kept.reconcile("crm", "plain", ["b"]) == [Reconciliation((), Reason.UNKNOWN_ID)]
    anew = identities(tmp_path, Systems({"crm": crm}), index_seconds=0)
    assert await anew.reconcile("crm", "plain", ["b"]) == [Reconciliation((Match("2", ON_FIRST, 1.0),))]


async def test_a_connection_without_records_cannot_be_asked(tmp_path):
    with pytest.raises(ConfigError, match="do not reconcile with records"):
        await identities(tmp_path, Systems({"ids": Ids()})).reconcile("ids", "plain", ["a"])


async def test_a_suppressed_id_matches_nothing_and_its_explanation_says_so(tmp_path):
    systems = Systems({"crm": Records(index=INDEX)})
    tried = identities(tmp_path, systems)
    list_ = Suppressing(SuppressionList(tmp_path / "suppressions"), systems, tmp_path / "scratch", QueryLimits())
    await list_.suppress(IdsOfPeople(ids=["one"], data_sources=["plain"]))
    answers = await tried.reconcile("crm", "plain", ["one", "shared"])
    explanation = await tried.explain("crm", "plain", "one", encoded=True)
    assert answers == [Reconciliation((), Reason.SUPPRESSED_ID), Reconciliation((TWO, THREE))]
    assert (explanation.reason, explanation.would_match) == (Reason.SUPPRESSED_ID, ())
    assert [candidate.chosen for candidate in explanation.candidates] == [False]


@pytest.mark.parametrize(("limits", "flagged", "reason"), [((1, 9), True, None), ((1, 1), True, Reason.CROWDED_ID)])
async def test_an_id_that_many_have_is_pointed_out_and_one_that_too_many_have_finds_nobody(
    tmp_path, limits, flagged, reason
):
    systems = Systems({"crm": Records(index=INDEX)})
    indexes = KeptIndexes(
        systems, IndexStore(tmp_path / "indexes"), QueryLimits(), IndexLimits(), PeopleLimits(*limits)
    )
    identities = Identities(systems, indexes, SuppressionList(tmp_path / "suppressions"))
    explanation = await identities.explain("crm", "plain", "shared", CandidatePolicy.LATEST, encoded=True)
    assert (explanation.records, explanation.shared_by_many, explanation.reason) == (2, flagged, reason)
    [answer] = await identities.reconcile("crm", "plain", ["shared"], CandidatePolicy.LATEST)
    assert answer.reason is reason
