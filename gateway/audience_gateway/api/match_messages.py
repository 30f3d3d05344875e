"""From explanations and match reports to messages of the API."""

from __future__ import annotations

from audience_gateway.api import names
from audience_gateway.api.encode import policy, time
from audience_gateway.identity.explanation import Candidate, Explanation, Rule, WouldMatch
from audience_gateway.identity.shared_ids import SharedIds
from audience_gateway.transfers.match_report import MatchCount, MatchReport, SourceMatch, WouldMatchRows
from audience_gateway.v1 import identity_pb2, transfer_pb2


def explanation(value: Explanation) -> identity_pb2.IdentityExplanation:
    """Why one id matched, or did not."""
    return identity_pb2.IdentityExplanation(
        rule=_rule(value.rule),
        encoded=value.encoded,
        id_fingerprint=value.id_fingerprint,
        value_fingerprint=value.value_fingerprint,
        key_fingerprint=value.key_fingerprint,
        index_entries=value.index_entries,
        index_read_time=time(value.index_read),
        records=value.records,
        candidates=[_candidate(one) for one in value.candidates],
        candidate_policy=policy(value.policy),
        reason=value.reason.value if value.reason else "",
        meaning=value.reason.meaning if value.reason else "",
        would_match=[_would_match(one) for one in value.would_match],
        shared_by_many=value.shared_by_many,
    )


def match_report(value: MatchReport) -> transfer_pb2.MatchReport:
    """How well the ids of a transfer matched."""
    return transfer_pb2.MatchReport(
        transfer=names.transfer(value.transfer),
        connection=names.connection(value.connection),
        rule=_rule(value.rule),
        candidate_policy=policy(value.policy),
        rows_read=value.rows_read,
        counts=[_count(one) for one in value.counts],
        trial=transfer_pb2.MatchTrialState.Value(f"MATCH_TRIAL_STATE_{value.trial.name}"),
        rows_to_try=value.rows_to_try,
        rows_tried=value.rows_tried,
        rows_matching_now=value.rows_matching_now,
        would_match=[_would_match_rows(one) for one in value.would_match],
        index_read_time=time(value.index_read),
        shared_ids=_shared_ids(value.shared_ids) if value.shared_ids else None,
        data_sources=[_source_match(one) for one in value.by_source],
    )


def _source_match(value: SourceMatch) -> transfer_pb2.DataSourceMatch:
    return transfer_pb2.DataSourceMatch(
        rule=_rule(value.rule), rows=value.rows, counts=[_count(one) for one in value.counts]
    )


def _shared_ids(value: SharedIds) -> transfer_pb2.SharedIds:
    return transfer_pb2.SharedIds(
        by_several=value.by_several,
        by_many=value.by_many,
        by_too_many=value.by_too_many,
        most_people=value.most_people,
    )


def _rule(value: Rule) -> identity_pb2.MatchRule:
    return identity_pb2.MatchRule(
        data_source=names.data_source(value.data_source),
        id_type=names.id_type(value.id_type),
        recipe=value.recipe,
        codec=identity_pb2.Codec.Value(f"CODEC_{value.codec.name}"),
    )


def _candidate(value: Candidate) -> identity_pb2.MatchCandidate:
    return identity_pb2.MatchCandidate(
        target_fingerprint=value.fingerprint,
        last_seen_time=time(value.last_seen),
        opted_out=value.opted_out,
        expired=value.expired,
        chosen=value.chosen,
    )


def _would_match(value: WouldMatch) -> identity_pb2.WouldMatch:
    return identity_pb2.WouldMatch(
        condition=value.condition,
        remedy=value.remedy,
        rule=_rule(value.rule),
        records=value.records,
        problem=value.problem,
    )


def _count(value: MatchCount) -> transfer_pb2.MatchCount:
    return transfer_pb2.MatchCount(
        match=transfer_pb2.MatchClass.Value(f"MATCH_CLASS_{value.match.name}"),
        rows=value.rows,
        reasons={reason.value: rows for reason, rows in value.reasons.items()},
    )


def _would_match_rows(value: WouldMatchRows) -> transfer_pb2.WouldMatchRows:
    return transfer_pb2.WouldMatchRows(
        condition=value.condition,
        remedy=value.remedy,
        rule=_rule(value.rule),
        rows=value.rows,
        problem=value.problem,
    )
