import json

import pytest
from audience_gateway.v1 import identity_pb2, identity_service_pb2, transfer_pb2, transfer_service_pb2
from google.protobuf.timestamp_pb2 import Timestamp

EXPLAIN = ("identities", "explain", "--connection", "campaign", "--data-source", "email")
READ = Timestamp(seconds=1_767_225_600)
RULE = identity_pb2.MatchRule(
    data_source="dataSources/email", id_type="idTypes/declared_id", recipe="exact@1", codec="CODEC_NONE"
)
EXPLANATION = identity_pb2.IdentityExplanation(
    rule=RULE,
    id_fingerprint="aaa",
    value_fingerprint="bbb",
    key_fingerprint="ccc",
    index_entries=4000,
    index_read_time=READ,
    records=1,
    candidates=[identity_pb2.MatchCandidate(target_fingerprint="ddd", last_seen_time=READ, opted_out=True)],
    candidate_policy="CANDIDATE_POLICY_ALL",
    reason="opted_out",
    meaning="The person has opted out.",
    would_match=[
        identity_pb2.WouldMatch(condition="the data source were `a`", problem="it has no strategy"),
        identity_pb2.WouldMatch(condition="the ids were trimmed", remedy="Trim them."),
        identity_pb2.WouldMatch(condition="the ids were lower-cased", remedy="Lower them.", records=2),
    ],
)
REPORT = transfer_pb2.MatchReport(
    transfer="transfers/t-1",
    connection="connections/campaign",
    rule=RULE,
    candidate_policy="CANDIDATE_POLICY_ALL",
    rows_read=1000,
    counts=[
        transfer_pb2.MatchCount(match="MATCH_CLASS_MATCHED", rows=750, reasons={"added": 750}),
        transfer_pb2.MatchCount(match="MATCH_CLASS_UNMATCHED", rows=250, reasons={"unknown_id": 250}),
    ],
    trial="MATCH_TRIAL_STATE_TRIED",
    rows_to_try=250,
    rows_tried=100,
    rows_matching_now=3,
    would_match=[
        transfer_pb2.WouldMatchRows(condition="the ids were lower-cased", remedy="Lower them.", rows=60),
        transfer_pb2.WouldMatchRows(condition="the data source were `a`", problem="there is no such attribute"),
    ],
    index_read_time=READ,
)


@pytest.fixture
def explaining(gateway):
    gateway.answers["ExplainIdentity"] = identity_service_pb2.ExplainIdentityResponse(explanation=EXPLANATION)
    return gateway


@pytest.fixture
def reporting(gateway):
    """A gateway with a report, in which some fields are otherwise."""

    def reporting(**changes):
        report = transfer_pb2.MatchReport()
        report.CopyFrom(REPORT)
        report.MergeFrom(transfer_pb2.MatchReport(**changes))
        gateway.answers["GetMatchReport"] = transfer_service_pb2.GetMatchReportResponse(report=report)

    return reporting


def lines(result) -> list[list[str]]:
    return [line.split() for line in result.stdout.splitlines()]


def test_an_explanation_shows_each_step_and_not_the_id(explaining, run):
    result = run(*EXPLAIN, "jo@example.com")
    found = lines(result)
    assert ["id", "as", "sent", "aaa"] in found
    assert ["counted", "as", "in", "clear"] in found
    assert ["looked", "up", "in", "4,000", "entries", "read", "2026-01-01", "00:00:00", "(UTC)"] in found
    assert ["reason", "opted_out:", "The", "person", "has", "opted", "out."] in found
    assert ["ddd", "2026-01-01", "00:00:00", "yes", "no", "no"] in found
    assert "jo@example.com" not in result.output


def test_an_id_that_many_records_have_is_pointed_out(gateway, run):
    explanation = identity_pb2.IdentityExplanation(records=612, shared_by_many=True, index_read_time=READ)
    gateway.answers["ExplainIdentity"] = identity_service_pb2.ExplainIdentityResponse(explanation=explanation)
    assert "612; so many that it may be nobody's" in run(*EXPLAIN, "x").stdout


def test_a_report_tells_how_many_ids_several_records_have(reporting, run):
    reporting(shared_ids=transfer_pb2.SharedIds(by_several=40, by_many=3, by_too_many=1, most_people=12_000))
    assert (
        "40 have several records, 3 so many that they may be nobody's, and 1 too many to match; the most that one has"
        " is 12,000." in run("transfers", "match-report", "t-1").stdout
    )


@pytest.mark.parametrize(("policy", "told"), [("ALL", True), ("LATEST", False), ("REJECT", False)])
def test_a_report_says_how_people_of_one_id_are_kept_apart_where_they_are_not(reporting, run, policy, told):
    shared = transfer_pb2.SharedIds(by_several=1, most_people=2)
    reporting(shared_ids=shared, candidate_policy=f"CANDIDATE_POLICY_{policy}")
    assert ("with the policy `reject` none does" in run("transfers", "match-report", "t-1").stdout) is told


def test_what_would_find_a_record_comes_first_and_what_was_not_tried_last(explaining, run):
    tried = lines(run(*EXPLAIN, "jo@example.com"))[-3:]
    assert tried[0] == ["2", "the", "ids", "were", "lower-cased", "Lower", "them."]
    assert tried[1] == ["0", "the", "ids", "were", "trimmed"]
    assert tried[2][-6:] == ["not", "tried:", "it", "has", "no", "strategy"]


def test_names_policy_and_form_become_the_request(explaining, run):
    run(*EXPLAIN, "-", "--policy", "latest", "--in-clear", stdin=" jo\nflo\n")
    assert explaining.requests == [
        identity_service_pb2.ExplainIdentityRequest(
            connection="connections/campaign",
            data_source="dataSources/email",
            id=" jo",
            candidate_policy=identity_pb2.CANDIDATE_POLICY_LATEST,
            in_clear=True,
        )
    ]


def test_an_explanation_as_json_has_every_field(explaining, run):
    explanation = json.loads(run(*EXPLAIN, "jo", "--json").stdout)
    assert (explanation["reason"], explanation["would_match"][0]["records"]) == ("opted_out", "0")


def test_a_report_shows_rows_by_class_and_what_the_others_would_match_by(reporting, run):
    reporting()
    found = lines(run("transfers", "match-report", "t-1"))
    assert ["matched", "750", "75.0%"] in found
    assert ["unknown_id", "250"] in found
    assert found[-2] == ["60", "the", "ids", "were", "lower-cased", "Lower", "them."]
    assert " ".join(found[-1]) == "the data source were `a` not tried: there is no such attribute"


def test_a_report_says_how_many_rows_were_tried_on_what(reporting, run):
    reporting()
    said = "Of 250 rows with an id and no match, 100 were tried on records read 2026-01-01 00:00:00 (UTC); 3 match now."
    assert said in run("transfers", "match-report", "t-1").stdout


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("ROWS_NOT_KEPT", "no longer kept (`retention.rows_days`)"),
        ("NOTHING_TO_TRY", "no row without a match"),
        ("NO_RECORDS", "there are no records to match"),
        ("TURNED_OFF", "`transfers.match_sample_rows` is 0"),
    ],
)
def test_a_report_says_why_nothing_was_tried(reporting, run, state, said):
    reporting(trial=f"MATCH_TRIAL_STATE_{state}")
    result = run("transfers", "match-report", "t-1")
    assert (result.exit_code, said in result.stdout.replace("\n", " ")) == (0, True)
    assert "would match if" not in result.stdout


def test_a_report_as_json_is_the_message(reporting, run):
    reporting()
    report = json.loads(run("transfers", "match-report", "t-1", "--json").stdout)
    assert (report["trial"], report["would_match"][0]["rows"]) == ("MATCH_TRIAL_STATE_TRIED", "60")
