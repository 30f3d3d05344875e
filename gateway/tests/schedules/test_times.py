from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.schedules import times
from audience_gateway.schedules.model import Schedule
from audience_gateway.schedules.service import UnusableField
from idle import definition

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def schedule(cron: str, time_zone: str = "UTC") -> Schedule:
    kept = definition(cron=cron, time_zone=time_zone)
    return Schedule(name="nightly", definition=kept, version=1, request_id="", created=NOON, updated=NOON)


def test_the_next_runs_follow_the_clocks_of_the_time_zone() -> None:
    berlin = schedule("30 4 * * *", "Europe/Berlin")

    runs = times.next_runs(berlin, datetime(2026, 3, 27, 12, tzinfo=UTC))

    assert [f"{run:%d %H:%M}" for run in runs] == ["28 03:30", "29 02:30", "30 02:30", "31 02:30", "01 02:30"]


def test_a_paused_schedule_has_no_next_runs() -> None:
    assert times.next_runs(replace(schedule("* * * * *"), paused=True), NOON) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cron": "now and then"}, "cron"),
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
    ],
)
def test_what_never_comes_is_refused_by_its_field(changes: dict[str, str], field: str) -> None:
    with pytest.raises(UnusableField) as refused:
        times.check(definition(**changes))

    assert refused.value.field == field


def test_a_run_is_superseded_once_the_next_one_is_due() -> None:
    hourly = definition(cron="0 * * * *")

    assert not times.superseded(hourly, NOON, NOON + timedelta(minutes=59))
    assert times.superseded(hourly, NOON, NOON + timedelta(minutes=60))
