"""Unexpected errors: logged under an incident id by type and place, never by text, which may hold ids."""

from __future__ import annotations

import traceback
import uuid
from pathlib import Path

import structlog

_LOG = structlog.get_logger("audience_gateway.incidents")


def report(error: BaseException) -> str:
    """Logs an unexpected error and answers its incident id."""
    incident = uuid.uuid4().hex[:16]
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    _LOG.error("unexpected error", incident=incident, type=type(error).__qualname__, frames=frames)
    return incident
