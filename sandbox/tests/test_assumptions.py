"""What is assumed where the documents leave something open."""

from dataclasses import fields
from pathlib import Path

import pytest
from audience_gateway_sandbox.assumptions import Assumptions, assumptions_of


def test_settings_change_what_they_name():
    assert assumptions_of(["drop_parts=4", "latest_log_wins=true"]) == Assumptions(drop_parts=4, latest_log_wins=True)


@pytest.mark.parametrize(
    "setting", ["drop_parts", "drop_parts=-1", "drop_parts=many", "latest_log_wins=1", "unheard=1", ""]
)
def test_what_cannot_be_assumed_is_refused_with_what_can(setting):
    with pytest.raises(ValueError, match="drop_hours=24"):
        assumptions_of([setting])


@pytest.mark.parametrize("setting", ["drop_hours=0", "drop_parts=1000"])
def test_values_without_a_meaning_are_refused(setting):
    with pytest.raises(ValueError, match="must be at"):
        assumptions_of([setting])


@pytest.mark.parametrize("field", fields(Assumptions), ids=lambda field: field.name)
def test_each_is_described_where_users_read(field):
    assert f"`{field.name}`" in (Path(__file__).parents[1] / "README.md").read_text()
