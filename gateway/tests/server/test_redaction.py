from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from audience_gateway.server import logs
from audience_gateway.server.redaction import redacted
from audience_gateway.v1.identity_service_pb2 import ReconcileIdentitiesRequest

ASKED = ReconcileIdentitiesRequest(connection="connections/corner", ids=["4711", "0815"])


@pytest.fixture
def configured() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_a_field_that_its_proto_marks_is_not_shown() -> None:
    assert redacted(ASKED) == {"connection": "connections/corner", "ids": "[redacted]"}


@pytest.mark.usefixtures("configured")
def test_no_way_of_logging_a_message_shows_what_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()

    structlog.get_logger().info("asked", request=ASKED, requests=[ASKED], by_name={"one": ASKED})

    printed = capsys.readouterr().err
    assert json.loads(printed)["requests"] == [{"connection": "connections/corner", "ids": "[redacted]"}]
    assert "4711" not in printed


@pytest.mark.usefixtures("configured")
def test_the_text_of_a_librarys_log_is_not_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()

    try:
        int("card 4711")
    except ValueError:
        logging.getLogger("library").exception("failed for card 4711")

    printed = capsys.readouterr().err
    assert json.loads(printed)["type"] == "ValueError"
    assert "4711" not in printed
