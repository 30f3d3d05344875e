"""Rules of traits (audience-manager 1.5)."""

from datetime import UTC, datetime

import pytest
from audience_gateway_sandbox.audience_manager.rules import (
    NotEvaluated,
    RuleError,
    evaluate_trait_rule,
    expires_at,
    keys_of,
    parse_trait_rule,
)


def holds(rule, **signals):
    return evaluate_trait_rule(parse_trait_rule(rule), {key: [value] for key, value in signals.items()})


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ('k == "Camera"', "camera", True),
        ('k == "camera"', "cameras", False),
        ('k != "camera"', "lens", True),
        ('k != "camera"', "camera", False),
        ("k > 5", "5.5", True),
        ("k > 5", "5", False),
        ("k < 10", "9", True),
        ("k >= 5", "5", True),
        ("k => 5", "5", True),
        ("k <= 5", "5", True),
        ("k <= 5", "five", False),
        ('k contains "mer"', "CAMERA", True),
        ('k startswith "cam"', "camera", True),
        ('k endswith "era"', "camera", True),
        ('k endswith "cam"', "camera", False),
        ('k matcheswords "red camera"', "a red camera here", True),
        ('k matcheswords "red camera"', "a redcamera", False),
        ('k matchesregex "^ca.+a$"', "camera", True),
        ('k matchesregex "^me"', "camera", False),
        ("k = 42", "42", True),
        ("K == plain", "plain", True),
    ],
)
def test_a_value_is_compared(rule, value, expected):
    assert holds(rule, k=value) is expected


def test_conditions_are_joined_as_documented():
    rule = '(a == "1" OR b=="1") AND (c=="new")'
    assert holds(rule, b="1", c="new")
    assert not holds(rule, a="1", c="old")
    assert holds("(price >= 1.00 AND price <= 100.00)", price="99.5")
    assert not holds("(price >= 1.00 AND price <= 100.00)", price="100.5")
    assert holds('NOT a == "1"', a="2")


def test_one_of_several_values_is_enough_and_no_value_fulfils_nothing():
    assert evaluate_trait_rule(parse_trait_rule('k == "b"'), {"k": ["a", "b"]})
    assert not evaluate_trait_rule(parse_trait_rule('k != "b"'), {})


def test_keys_are_told_once():
    assert keys_of(parse_trait_rule('b == "1" AND (A == "2" OR b == "3")')) == ("b", "a")


@pytest.mark.parametrize("key", ["price123", "123price", "price-123", "c_price123"])
def test_names_of_keys_have_letters(key):
    assert keys_of(parse_trait_rule(f'{key} == "1"')) == (key,)


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        ('123 == "1"', "At character 1 there should be a key, which has a letter, not '123'."),
        ('price!123 == "1"', "'!' at character 6 is not part of a rule."),
        ("k", "At character 2 there should be a comparison such as ==, not the end."),
        ("k ==", 'At character 5 there should be a value such as "m", not the end.'),
        ("k == AND", "At character 6 there should be a value, not 'AND'."),
        ('k > "dear"', "At character 5: > compares numbers."),
        ('k matchesregex "("', "A regular expression in it cannot be read."),
        ("k == \u201cm\u201d", "'\u201c' at character 6 is not part of a rule."),
    ],
)
def test_what_is_no_rule_is_told_with_its_place(rule, finding):
    with pytest.raises(RuleError) as error:
        parse_trait_rule(rule)
    assert str(error.value) == finding


def test_a_regular_expression_that_takes_for_ever_is_given_up():
    with pytest.raises(NotEvaluated):
        holds('k matchesregex "^(a|aa)+(b|bb)+(a|aa)+$"', k="a" * 60 + "b" * 60 + "a" * 60 + "c")


@pytest.mark.parametrize(("hour", "hours"), [(0, 48), (9, 39), (23, 25)])
def test_a_day_lasts_until_the_midnight_after_the_next(hour, hours):
    qualified = datetime(2026, 3, 10, hour, tzinfo=UTC)
    assert (expires_at(qualified, 1) - qualified).total_seconds() == hours * 3600


def test_a_ttl_of_zero_never_ends():
    assert expires_at(datetime(2026, 3, 10, tzinfo=UTC), 0) is None
