"""When drops appear."""

from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway_sandbox.people import DailyDrops, DropFaults, LocalBucket

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = "S3_4711_38888_full_1767225600000"


@pytest.fixture
def bucket(tmp_path):
    return LocalBucket(tmp_path)


@pytest.fixture
def drops(bucket):
    return DailyDrops(bucket, 4711, 38888, MIDNIGHT, lambda day: [b"%d\t24" % day])


@pytest.fixture
def split(bucket):
    """Drops of four parts."""
    return DailyDrops(bucket, 4711, 38888, MIDNIGHT, lambda _: [b"%d\t24" % line for line in range(10)], parts=4)


def test_the_first_drop_is_due_at_once(drops):
    assert drops.make_due(MIDNIGHT) == [f"{ROOT}.sync.gz"]


def test_nothing_more_is_due_before_the_day_is_over(drops):
    drops.make_due(MIDNIGHT)
    assert drops.make_due(MIDNIGHT + timedelta(hours=23, minutes=59)) == []
    assert drops.next_due == MIDNIGHT + timedelta(days=1)


def test_the_second_drop_is_made_when_the_day_is_over(drops):
    drops.make_due(MIDNIGHT)
    written = drops.make_due(MIDNIGHT + timedelta(days=1, minutes=5))
    assert written == ["S3_4711_38888_full_1767312000000.sync.gz"]


def test_days_that_were_slept_through_are_made_up_for_as_far_as_files_are_kept(drops):
    assert len(drops.make_due(MIDNIGHT + timedelta(days=30))) == 8
    assert drops.made == 31


def test_a_split_drop_numbers_all_parts_but_the_first(split):
    names = [f"{ROOT}.sync.gz", f"{ROOT}001.sync.gz", f"{ROOT}002.sync.gz", f"{ROOT}003.sync.gz"]
    assert split.make_due(MIDNIGHT) == names


def test_a_late_part_appears_when_its_delay_is_over(split, bucket):
    split.faults.become(DropFaults(late_part=2, late_seconds=3600))
    assert f"{ROOT}002.sync.gz" not in split.make_due(MIDNIGHT)
    assert split.next_due == MIDNIGHT + timedelta(hours=1)
    assert split.make_due(split.next_due) == [f"{ROOT}002.sync.gz"]
    assert len(bucket.files()) == 5


def test_a_missing_part_never_appears(split):
    split.faults.become(DropFaults(missing_part=0))
    assert len(split.make_due(MIDNIGHT)) == 3
    assert split.make_due(MIDNIGHT + timedelta(hours=23)) == []


def test_a_doubled_part_appears_again_under_the_next_number(split, bucket):
    split.faults.become(DropFaults(doubled_part=1))
    assert split.make_due(MIDNIGHT)[-1] == f"{ROOT}004.sync.gz"
    assert bucket.get(f"{ROOT}004.sync.gz") == bucket.get(f"{ROOT}001.sync.gz")


def test_a_drop_that_slips_leaves_only_its_control_file_on_its_day(drops, bucket):
    drops.faults.become(DropFaults(slip_seconds=86_400))
    assert drops.make_due(MIDNIGHT) == []
    assert [file.key for file in bucket.files()] == [f"{ROOT}.info"]
    drops.faults.become(DropFaults())
    assert len(drops.make_due(MIDNIGHT + timedelta(days=1))) == 2
