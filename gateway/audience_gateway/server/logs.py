"""Logs: one JSON object a line on stderr."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import structlog

from audience_gateway.server.redaction import redact


def configure() -> None:
    """Sends all logs to stderr, those of libraries from warnings on and without their tracebacks."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Library()], force=True)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class _Library(logging.Handler):
    """Passes on where a library logged and the type of the error, not the text, which may hold anything."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__qualname__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger(record.name).log(
            record.levelno, "library", place=f"{record.module}:{record.lineno}", type=error
        )
