from __future__ import annotations

from datetime import UTC, datetime

import pytest
from audience_gateway.jobs.cron import next_times


def times(cron: str, zone: str, after: str, count: int) -> list[str]:
    return [
        time.isoformat(timespec="minutes").removesuffix("+00:00")
        for time in next_times(cron, zone, datetime.fromisoformat(after).replace(tzinfo=UTC), count)
    ]


def test_times_are_behind_the_given_one_and_in_utc():
    assert times("0 4 * * *", "UTC", "2026-01-01T04:00", 2) == ["2026-01-02T04:00", "2026-01-03T04:00"]
    assert times("0 4 * * *", "Asia/Tokyo", "2026-01-01T12:00", 1) == ["2026-01-01T19:00"]


def test_an_expression_keeps_to_its_clocks_when_these_are_put_forward():
    assert times("0 4 * * *", "Europe/Berlin", "2026-03-28T00:00", 2) == ["2026-03-28T03:00", "2026-03-29T02:00"]


def test_a_time_that_clocks_skip_comes_when_they_go_on():
    assert times("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 2) == ["2026-03-29T01:00", "2026-03-30T00:30"]


def test_a_time_that_clocks_show_twice_comes_twice():
    berlin = times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 3)
    assert berlin == ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-26T01:30"]


def test_six_fields_begin_with_seconds():
    after = datetime(2026, 1, 1, tzinfo=UTC)
    assert [time.second for time in next_times("*/20 * * * * *", "UTC", after, 3)] == [20, 40, 0]


def test_a_day_that_never_comes_has_no_times():
    assert times("0 0 30 2 *", "UTC", "2026-01-01T00:00", 3) == []


@pytest.mark.parametrize("cron", ["", "* * * *", "60 * * * *", "x * * * *", "@daily", "* * * * * * 2026"])
def test_what_is_no_cron_expression_is_refused(cron):
    with pytest.raises(ValueError, match="cron expression"):
        next_times(cron, "UTC", datetime(2026, 1, 1, tzinfo=UTC), 1)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "Europe"])
def test_what_is_no_time_zone_is_refused(zone):
    with pytest.raises(ValueError, match="time zone"):
        next_times("* * * * *", zone, datetime(2026, 1, 1, tzinfo=UTC), 1)
