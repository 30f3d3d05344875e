"""Why ids match or do not, as tables."""

from __future__ import annotations

from collections.abc import Iterable

from audience_gateway.cli.labels import count_label, enum_label, time_label
from audience_gateway.cli.names import short_name
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import identity_pb2, transfer_pb2

_NOT_TRIED = {
    transfer_pb2.MATCH_TRIAL_STATE_NOTHING_TO_TRY: "There is no row without a match whose id could be tried otherwise.",
    transfer_pb2.MATCH_TRIAL_STATE_ROWS_NOT_KEPT: (
        "The rows of this transfer are no longer kept (`retention.rows_days`), so that none can be tried otherwise: "
        "share again, and ask about that transfer."
    ),
    transfer_pb2.MATCH_TRIAL_STATE_NO_RECORDS: "The destination takes ids as they are: there are no records to match.",
    transfer_pb2.MATCH_TRIAL_STATE_TURNED_OFF: "Nothing is tried otherwise: `transfers.match_sample_rows` is 0.",
}


def print_explanation(explanation: identity_pb2.IdentityExplanation) -> None:
    """Prints the steps of one id, the records that have it, and what it would match by."""
    print_table(("Step", "Finding"), ((step, found) for step, found in _steps(explanation) if found))
    if explanation.candidates:
        print_line("")
        print_table(
            ("Record", "Last seen (UTC)", "Opted out", "Expired", "Chosen"), map(_candidate, explanation.candidates)
        )
    if explanation.would_match:
        print_line("")
        _print_tried(explanation.would_match)


def print_match_report(report: transfer_pb2.MatchReport) -> None:
    """Prints rows by class and reason, and what those that did not match would match by."""
    print_table(("Field", "Value"), _rule(report.rule, report.candidate_policy))
    print_line("")
    print_table(("Match", "Reason", "#Rows", "#Share"), _counts(report))
    print_line("")
    if report.shared_ids.by_several:
        print_line(_shared(report.shared_ids))
        if report.candidate_policy == identity_pb2.CANDIDATE_POLICY_ALL:
            print_line("All of them become members; with the policy `reject` none does: nobody can say who is meant.")
    if report.data_sources:
        print_table(("Data source", "#Rows", "#Matched", "#Share"), map(_source_match, report.data_sources))
        print_line("")
    if report.trial != transfer_pb2.MATCH_TRIAL_STATE_TRIED:
        print_line(_NOT_TRIED.get(report.trial, enum_label(transfer_pb2.MatchTrialState.DESCRIPTOR, report.trial)))
        return
    print_line(
        f"Of {count_label(report.rows_to_try)} rows with an id and no match, {count_label(report.rows_tried)} were "
        f"tried on records read {time_label(report.index_read_time)} (UTC); "
        f"{count_label(report.rows_matching_now)} match now."
    )
    if report.would_match:
        print_table(("#Rows", "would match if", "Do this"), map(_would_match_rows, report.would_match))
    else:
        print_line("Nothing that was tried otherwise finds a record for any of the others.")


def _shared(ids: transfer_pb2.SharedIds) -> str:
    several, many, too_many = map(count_label, (ids.by_several, ids.by_many, ids.by_too_many))
    return (
        f"Of the ids of the destination's records, {several} have several records, {many} so many that they may be "
        f"nobody's, and {too_many} too many to match; the most that one has is {count_label(ids.most_people)}."
    )


def _steps(explanation: identity_pb2.IdentityExplanation) -> Iterable[tuple[str, str]]:
    yield "id as sent", explanation.id_fingerprint
    yield from _rule(explanation.rule, explanation.candidate_policy)
    yield "counted as", "encoded" if explanation.encoded else "in clear"
    yield "value", explanation.value_fingerprint
    yield "key", explanation.key_fingerprint
    if explanation.HasField("index_read_time"):
        read = time_label(explanation.index_read_time)
        yield "looked up in", f"{count_label(explanation.index_entries)} entries read {read} (UTC)"
        many = "; so many that it may be nobody's" if explanation.shared_by_many else ""
        yield "records found", f"{count_label(explanation.records)}{many}"
    yield "reason", f"{explanation.reason}: {explanation.meaning}" if explanation.reason else "it matched"


def _rule(rule: identity_pb2.MatchRule, policy: identity_pb2.CandidatePolicy.ValueType) -> Iterable[tuple[str, str]]:
    yield "data source", short_name(rule.data_source)
    yield "id type", short_name(rule.id_type)
    yield "recipe", rule.recipe
    yield "codec", enum_label(identity_pb2.Codec.DESCRIPTOR, rule.codec)
    yield "policy", enum_label(identity_pb2.CandidatePolicy.DESCRIPTOR, policy)


def _candidate(candidate: identity_pb2.MatchCandidate) -> tuple[str, ...]:
    flags = (candidate.opted_out, candidate.expired, candidate.chosen)
    seen = time_label(candidate.last_seen_time)
    return (candidate.target_fingerprint, seen, *("yes" if flag else "no" for flag in flags))


def _print_tried(tried: Iterable[identity_pb2.WouldMatch]) -> None:
    ordered = sorted(tried, key=lambda one: (bool(one.problem), -one.records))
    print_table(("#Records", "would match if", "Do this"), map(_would_match, ordered))


def _would_match(one: identity_pb2.WouldMatch) -> tuple[str, ...]:
    if one.problem:
        return ("", one.condition, f"not tried: {one.problem}")
    return (count_label(one.records), one.condition, one.remedy if one.records else "")


def _counts(report: transfer_pb2.MatchReport) -> Iterable[tuple[str, ...]]:
    for count in report.counts:
        share = f"{count.rows / report.rows_read:.1%}" if report.rows_read else ""
        yield (enum_label(transfer_pb2.MatchClass.DESCRIPTOR, count.match), "", count_label(count.rows), share)
        for reason, rows in sorted(count.reasons.items()):
            yield ("", reason, count_label(rows), "")


def _source_match(one: transfer_pb2.DataSourceMatch) -> tuple[str, ...]:
    matched = sum(count.rows for count in one.counts if count.match == transfer_pb2.MATCH_CLASS_MATCHED)
    share = f"{matched / one.rows:.1%}" if one.rows else ""
    return (short_name(one.rule.data_source), count_label(one.rows), count_label(matched), share)


def _would_match_rows(one: transfer_pb2.WouldMatchRows) -> tuple[str, ...]:
    if one.problem:
        return ("", one.condition, f"not tried: {one.problem}")
    return (count_label(one.rows), one.condition, one.remedy)
