from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from audience_gateway.storage.clock import now
from audience_gateway.storage.database import connect
from audience_gateway.storage.requests import Kept, RequestLog

ID = "1c9c5f0e-6ea9-4a4e-a1a3-3f3f6d1f2b7a"
FIRST = Kept("ShareAudience", "a" * 64, b"\x00first\xff")


@pytest.fixture
def log(database: sa.Engine) -> RequestLog:
    return RequestLog(database)


def test_an_answer_is_found_by_the_id_of_its_request(log: RequestLog) -> None:
    log.keep(ID, FIRST)

    assert log.find(ID) == FIRST


def test_there_is_no_answer_to_a_request_that_was_not_made(log: RequestLog) -> None:
    assert log.find(ID) is None


def test_the_first_answer_stays(log: RequestLog) -> None:
    log.keep(ID, FIRST)

    assert log.keep(ID, replace(FIRST, answer=b"second")) == FIRST
    assert log.find(ID) == FIRST


def test_an_answer_outlives_the_process(log: RequestLog, database: sa.Engine) -> None:
    log.keep(ID, FIRST)
    database.dispose()

    again = connect(database.url.render_as_string(hide_password=False))
    assert RequestLog(again).find(ID) == FIRST
    again.dispose()


def test_only_answers_of_before_a_time_are_forgotten(log: RequestLog) -> None:
    log.keep(ID, FIRST)

    assert log.forget(now() - timedelta(hours=24)) == 0
    assert log.find(ID) == FIRST
    assert log.forget(datetime.now(UTC) + timedelta(seconds=1)) == 1
    assert log.find(ID) is None
