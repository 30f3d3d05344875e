"""What is assumed where the documents leave something open."""

from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from audience_gateway_sandbox.assumptions import Assumptions, assumptions_of


def test_settings_change_what_they_name():
    assert assumptions_of(["drop_parts=4", "latest_log_wins=true"]) == Assumptions(drop_parts=4, latest_log_wins=True)


@pytest.mark.parametrize(
    "setting",
    [
        "drop_parts",
        "drop_parts=-1",
        "drop_parts=many",
        "latest_log_wins=1",
        "unheard=1",
        "",
        "platform",
        "platform=1",
        "platform.unheard=1",
        "unheard.drop_parts=1",
    ],
)
def test_what_cannot_be_assumed_is_refused_with_what_can(setting):
    with pytest.raises(ValueError, match="drop_hours=24"):
        assumptions_of([setting])


def test_settings_of_a_group_bear_its_name():
    made = assumptions_of(["platform.jobs_a_day=2", "platform.profile_lookup=false", "drop_parts=2"])
    assert (made.platform.jobs_a_day, made.platform.profile_lookup, made.drop_parts) == (2, False, 2)
    assert made.platform.evaluation_hours == 24


@pytest.mark.parametrize("setting", ["drop_hours=0", "drop_parts=1000", "platform.rows_a_file=0"])
def test_values_without_a_meaning_are_refused(setting):
    with pytest.raises(ValueError, match="must be at"):
        assumptions_of([setting])


def names():
    for field in fields(Assumptions):
        group = field.default
        yield from [f"{field.name}.{each.name}" for each in fields(group)] if is_dataclass(group) else [field.name]


@pytest.mark.parametrize("name", list(names()))
def test_each_is_described_where_users_read(name):
    assert f"`{name}`" in (Path(__file__).parents[1] / "README.md").read_text()
