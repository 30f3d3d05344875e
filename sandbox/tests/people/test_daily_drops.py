"""When drops appear."""

from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway_sandbox.people import DailyDrops

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def drops(tmp_path):
    return DailyDrops(tmp_path, 4711, 38888, MIDNIGHT, lambda day: [b"%d\t24" % day])


def names(written):
    return [file.name for file in written]


def test_the_first_drop_is_due_at_once(drops):
    assert names(drops.make_due(MIDNIGHT)) == ["S3_4711_38888_full_1767225600000.sync.gz"]


def test_nothing_more_is_due_before_the_day_is_over(drops):
    drops.make_due(MIDNIGHT)
    assert drops.make_due(MIDNIGHT + timedelta(hours=23, minutes=59)) == []
    assert drops.next_due == MIDNIGHT + timedelta(days=1)


def test_the_second_drop_is_made_when_the_day_is_over(drops):
    drops.make_due(MIDNIGHT)
    written = drops.make_due(MIDNIGHT + timedelta(days=1, minutes=5))
    assert names(written) == ["S3_4711_38888_full_1767312000000.sync.gz"]


def test_days_that_were_slept_through_are_made_up_for_as_far_as_files_are_kept(drops):
    assert len(drops.make_due(MIDNIGHT + timedelta(days=30))) == 8
    assert drops.made == 31
