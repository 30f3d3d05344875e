"""Why an id matches or not, with the strategies and the connector of files that are installed."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.identity.explanation import Explanation
from audience_gateway.identity.identities import Identities
from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.plugins.configuration import ConnectionConfiguration, DataSourceConfiguration
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.resolution import resolve
from audience_gateway.sdk import CandidatePolicy, Codec, ConfigError
from audience_gateway.storage import open_bucket
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.suppression.suppression_list import SuppressionList
from traps import md5, sha256

ADA, GRACE = "ada@example.org", "+49 30 1234567"
ECID = "59767559181262060060278870901087098252"
RECORDS = [
    (ADA, "1", "2026-01-01T00:00:00Z", ""),
    ("shared@example.org", "2", "2026-01-02T00:00:00Z", ""),
    ("shared@example.org", "3", "2026-01-05T00:00:00Z", ""),
    ("silent@example.org", "4", "", "yes"),
    (GRACE, "5", "", ""),
    (md5("hashed@example.org"), "6", "", ""),
    ("Mixed@Example.org", "7", "", ""),
    (ECID, "8", "", ""),
]
PLAIN = {"id_type": "declared_id", "recipe": "exact", "personal_data": True}
SOURCES = {
    "exact": PLAIN,
    "phone": {"id_type": "declared_id", "recipe": "phone"},
    "hashed": {"id_type": "declared_id", "recipe": "email", "codec": "sha256"},
    "visitors": {"id_type": "visitor_id"},
    "shops": {**PLAIN, "targeting_dimension": "shop:customer"},
}


@pytest.fixture
def explained(tmp_path):
    """Explains an id of a data source, among some others."""
    with (tmp_path / "records.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "target", "seen", "out"), *RECORDS])
    index = {"file": "records.csv", "last_seen_column": "seen", "opted_out_column": "out"}
    files = {"bucket": f"file://{tmp_path}", "index": index}
    registry = load(installed())

    async def explain(id_, name="exact", others=None, *, in_clear=True, policy=None, **changes):
        sources = (others or {}) | {name: {**SOURCES[name], **changes}}
        resolved = resolve(
            registry,
            {"crm": ConnectionConfiguration(connector="files", settings=files)},
            {},
            {one: DataSourceConfiguration(**source) for one, source in sources.items()},
        )
        async with Connections(registry, resolved, open_bucket) as connections:
            identities = Identities(
                connections,
                KeptIndexes(
                    connections,
                    IndexStore(tmp_path / "indexes"),
                    QueryLimits(),
                    IndexLimits(fresh=timedelta(minutes=15)),
                ),
                SuppressionList(tmp_path / "suppressions"),
            )
            explanation = await identities.explain("crm", name, id_, policy, encoded=not in_clear)
        assert id_ not in repr(explanation)
        return explanation

    return explain


def finding(explanation: Explanation) -> list[str]:
    """What the id would find a record by."""
    return [one.condition for one in explanation.would_match if one.records]


async def test_an_id_that_matches_names_the_rule_and_the_record(explained):
    explanation = await explained(ADA)
    assert (explanation.rule.recipe, explanation.rule.codec) == ("exact@1", Codec.NONE)
    assert (explanation.reason, explanation.records, explanation.index_entries) == (None, 1, len(RECORDS))
    (candidate,) = explanation.candidates
    assert (candidate.chosen, candidate.opted_out, candidate.expired) == (True, False, False)
    assert candidate.last_seen == datetime(2026, 1, 1, tzinfo=UTC)
    assert explanation.would_match == ()


async def test_steps_are_told_by_fingerprints_that_are_the_same_each_time(explained):
    first, again, other = await explained(ADA), await explained(ADA), await explained("nobody@example.org")
    steps = [(one.id_fingerprint, one.value_fingerprint, one.key_fingerprint) for one in (first, again, other)]
    assert steps[0] == steps[1]
    assert all(len(step) == 12 for step in steps[0])
    assert not set(steps[0]) & set(steps[2])
    assert first.candidates[0].fingerprint not in {"", "1"}


@pytest.mark.parametrize(
    ("policy", "chosen", "reason"),
    [("all", [1, 1], None), ("latest", [1, 0], None), ("reject", [0, 0], "ambiguous_id")],
)
async def test_the_policy_says_which_of_several_is_chosen(explained, policy, chosen, reason):
    explanation = await explained("shared@example.org", policy=CandidatePolicy(policy))
    assert ([one.chosen for one in explanation.candidates], explanation.reason) == (chosen, reason)


async def test_a_person_who_has_opted_out_is_found_and_not_chosen(explained):
    explanation = await explained("silent@example.org")
    assert explanation.reason == "opted_out"
    assert [(one.opted_out, one.chosen) for one in explanation.candidates] == [(True, False)]


async def test_a_record_that_was_seen_too_long_ago_is_shown_as_expired(explained):
    explanation = await explained(ADA, expire_days=1)
    assert explanation.reason == "expired_id"
    assert [(one.expired, one.chosen) for one in explanation.candidates] == [(True, False)]


async def test_an_id_in_upper_case_would_match_lower_cased_or_by_another_recipe(explained):
    explanation = await explained(ADA.upper())
    assert explanation.reason == "unknown_id"
    assert finding(explanation) == [
        "the ids were lower-cased",
        "the recipe were `lower@1`",
        "the recipe were `email@1`",
    ]


async def test_records_in_mixed_case_are_only_found_by_a_recipe_for_both_sides(explained):
    assert finding(await explained("mixed@example.org")) == ["the recipe were `lower@1`", "the recipe were `email@1`"]


async def test_an_id_with_white_space_would_match_trimmed(explained):
    found = finding(await explained(f" {ADA} "))
    assert found[:2] == ["the ids were trimmed", "the recipe were `trim@1`"]


@pytest.mark.parametrize("number", ["4930 1234567", "0049301234567"])
async def test_a_phone_number_would_match_with_a_plus(explained, number):
    explanation = await explained(number, "phone")
    assert explanation.reason == "invalid_id"
    assert finding(explanation) == ["the ids were phone numbers with a plus"]


async def test_a_hash_would_match_if_the_codec_were_set(explained):
    explanation = await explained(sha256(ADA), in_clear=False)
    assert "the codec were `sha256`" in finding(explanation)
    assert [one for one in finding(explanation) if "md5" in one] == []


async def test_an_id_in_clear_would_match_hashed_where_records_hold_hashes(explained):
    assert finding(await explained("hashed@example.org")) == ["the ids were hashed with `md5`, as ids of records are"]


async def test_an_id_in_clear_that_counts_as_encoded_is_told(explained):
    explanation = await explained(ADA, "hashed", in_clear=False)
    assert (explanation.reason, explanation.value_fingerprint, explanation.key_fingerprint) == ("not_encoded", "", "")
    assert "the ids counted as in clear" in finding(explanation)


async def test_a_hash_that_counts_as_in_clear_is_told(explained):
    explanation = await explained(sha256(ADA), "hashed")
    assert explanation.reason == "encoded_twice"
    assert finding(explanation)[0] == "the ids counted as encoded with `sha256` already"


async def test_other_data_sources_of_the_same_records_are_tried(explained):
    explanation = await explained(
        ECID[:-1] + "3", "phone", others={one: SOURCES[one] for one in ("exact", "visitors", "shops")}
    )
    assert [one.condition for one in explanation.would_match if "data source" in one.condition] == [
        "the data source were `exact`",
        "the data source were `visitors`",
    ]
    assert finding(explanation) == []
    found = finding(
        await explained(ECID, "phone", others={one: SOURCES[one] for one in ("exact", "visitors", "shops")})
    )
    assert [one for one in found if "data source" in one] == [
        "the data source were `exact`",
        "the data source were `visitors`",
    ]


async def test_recipes_are_not_tried_on_ids_that_have_none(explained):
    explanation = await explained(ECID[:-1] + "3", "visitors")
    assert (explanation.reason, explanation.would_match) == ("unknown_id", ())


async def test_an_id_that_nobody_has_would_match_by_nothing(explained):
    explanation = await explained("nobody@example.org")
    assert finding(explanation) == []
    assert "the recipe were `lower@1`" in [one.condition for one in explanation.would_match]


async def test_keys_of_codecs_that_cannot_be_had_are_named(explained):
    with pytest.raises(ConfigError, match="NO_SUCH_KEY"):
        await explained("x", "hashed", codec="hmac-sha256", key="env:NO_SUCH_KEY")


async def test_a_data_source_that_cannot_be_tried_says_why(explained):
    broken = {"id_type": "declared_id", "codec": "hmac-sha256", "key": "env:NO_SUCH_KEY"}
    explanation = await explained("nobody@example.org", others={"keyed": broken})
    (keyed,) = [one for one in explanation.would_match if "keyed" in one.condition]
    assert (keyed.records, "NO_SUCH_KEY" in keyed.problem) == (0, True)
