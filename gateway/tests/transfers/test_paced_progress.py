"""Progress is noted a few times a second, and the last of a stage always."""

from __future__ import annotations

import pytest
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.paced_progress import PacedProgress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def noted():
    return []


@pytest.fixture
def progress(clock, noted):
    return PacedProgress(lambda *note: noted.append(note), clock)


def test_the_first_note_of_each_stage_is_made_at_once(progress, noted):
    progress(Stage.EXTRACT, 10, None)
    progress(Stage.NORMALISE, 10, None)
    assert noted == [(Stage.EXTRACT, 10, None), (Stage.NORMALISE, 10, None)]


def test_what_follows_too_soon_waits_until_its_time_has_come(progress, noted, clock):
    for clock.now, rows in ((0.0, 10), (0.1, 20), (0.2, 30), (0.25, 40), (0.3, 50)):
        progress(Stage.EXTRACT, rows, None)
    assert noted == [(Stage.EXTRACT, 10, None), (Stage.EXTRACT, 40, None)]


def test_the_end_of_a_stage_does_not_wait(progress, noted):
    progress(Stage.DELIVER, 10, 20)
    progress(Stage.DELIVER, 15, 20)
    progress(Stage.DELIVER, 20, 20)
    progress.catch_up()
    assert noted == [(Stage.DELIVER, 10, 20), (Stage.DELIVER, 20, 20)]


def test_what_waits_is_noted_when_the_next_stage_begins(progress, noted):
    for rows in (10, 20, 30):
        progress(Stage.NORMALISE, rows, None)
    progress.catch_up()
    progress.catch_up()
    assert noted == [(Stage.NORMALISE, 10, None), (Stage.NORMALISE, 30, None)]
