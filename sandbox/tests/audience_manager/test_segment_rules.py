"""Rules of segments (audience-manager 1.5)."""

from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway_sandbox.audience_manager.rules import (
    Qualification,
    RuleError,
    evaluate_segment_rule,
    parse_segment_rule,
    traits_of,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def holds(rule, **days_ago):
    """Evaluate a rule; `t1=[3, 4]` stands for qualifications for trait 1 three and four days ago."""
    qualifications = {
        int(trait[1:]): [Qualification(NOW - timedelta(days=each)) for each in days] for trait, days in days_ago.items()
    }
    return evaluate_segment_rule(parse_segment_rule(rule), qualifications, NOW)


def test_a_trait_alone():
    assert holds("1T", t1=[0])
    assert not holds("1T", t2=[0])
    assert not holds("1T", t1=[])


@pytest.mark.parametrize(
    ("rule", "traits", "expected"),
    [
        ("1T AND 2T", "12", True),
        ("1T AND 2T", "1", False),
        ("1T OR 2T", "2", True),
        ("1T AND NOT 2T", "1", True),
        ("1T AND NOT 2T", "12", False),
        ("1T AND (2T OR NOT 3T)", "1", True),
        ("1T AND (2T OR NOT 3T)", "13", False),
        ("1T OR 2T AND 3T", "1", True),
        ("(1T OR 2T) AND 3T", "1", False),
        ("NOT NOT 1T", "1", True),
        ("1T and not (2T or 3T)", "1", True),
    ],
)
def test_conditions_are_joined(rule, traits, expected):
    assert holds(rule, **{f"t{trait}": [1] for trait in traits}) is expected


def test_frequency_counts_qualifications_of_all_its_traits_in_the_last_days():
    assert holds("FREQUENCY([1T,2T]<=5D)>=2", t1=[1], t2=[4])
    assert holds("FREQUENCY([1T,2T]<=5D)>=2", t1=[1, 2])
    assert not holds("FREQUENCY([1T,2T]<=5D)>=2", t1=[1], t2=[6])
    assert not holds("FREQUENCY([1T,2T]<=5D)>=2", t1=[1], t3=[1])


def test_the_edge_of_recency_belongs_to_both_sides():
    assert holds("FREQUENCY([1T]<=5D)>=1", t1=[5])
    assert holds("FREQUENCY([1T]>=5D)>=1", t1=[5])
    assert not holds("FREQUENCY([1T]>=5D)>=1", t1=[4])


def test_frequency_needs_no_recency():
    assert holds("FREQUENCY([1T])>=2", t1=[100, 200])
    assert holds("FREQUENCY([1T]) == 2", t1=[100, 200])
    assert not holds("FREQUENCY([1T]) == 2", t1=[100, 200, 300])
    assert holds("FREQUENCY([1T]) >= 1 AND FREQUENCY([1T]) <= 2", t1=[1])


def test_several_times_may_be_told_as_one():
    rule = parse_segment_rule("FREQUENCY([1T])>=3")
    assert evaluate_segment_rule(rule, {1: [Qualification(NOW, times=3)]}, NOW)


def test_other_spellings_of_the_samples():
    assert holds("frequency([1T OR 2T] <= 5D) >= 2", t1=[1], t2=[1])


def test_the_traits_of_a_rule_are_told_once_and_in_order():
    assert traits_of(parse_segment_rule("3T AND (1T OR NOT FREQUENCY([2T,3T]<=5D)>=2)")) == (3, 1, 2)


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        ("", "At character 1 there should be a trait such as 1T, not the end."),
        ("1", "At character 1 there should be a trait such as 1T, not '1'."),
        ("1T 2T", "At character 4 there should be AND, OR or the end, not '2T'."),
        ("1T AND", "At character 7 there should be a trait such as 1T, not the end."),
        ("(1T", "At character 4 there should be ), not the end."),
        ("1T AND #", "'#' at character 8 is not part of a rule."),
        ("FREQUENCY([1T]<=0D)>=1", "At character 17: 0D is no time: recency is greater than 0."),
        ("FREQUENCY([1T]==5D)>=1", "At character 15 there should be >= or <=, not '=='."),
        ("FREQUENCY([1T]<=5D)", "At character 20 there should be >= or <= or ==, not the end."),
        ("FREQUENCY([]<=5D)>=1", "At character 12 there should be a trait such as 1T, not ']'."),
        ("(" * 51 + "1T" + ")" * 51, "Its parentheses are more than 50 deep."),
    ],
)
def test_what_is_no_rule_is_told_with_its_place(rule, finding):
    with pytest.raises(RuleError) as error:
        parse_segment_rule(rule)
    assert str(error.value) == finding
