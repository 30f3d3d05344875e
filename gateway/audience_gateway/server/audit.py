"""What has to be known afterwards of calls that not everybody may make: a line of the log, and an event."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from audience_gateway.api.creating import AskedForRecords
from audience_gateway.api.revealing import Reveal
from audience_gateway.plugins.registry import Registry
from audience_gateway.sdk import Event, EventKind
from audience_gateway.server import logs

_LOG = structlog.get_logger("audience_gateway.audit")


def note_creation(asked: AskedForRecords) -> None:
    """Notes who was allowed to have records created, and by what."""
    _LOG.info("records_asked_for", caller=asked.caller, subject=asked.subject)


def reveals_noted(registry: Registry) -> Callable[[Reveal], None]:
    """Notes who was allowed to see ids of which rows; the ids themselves are in neither."""

    def note(reveal: Reveal) -> None:
        query = reveal.query
        transfer = f"transfers/{query.transfer}"
        _LOG.info(
            "ids_revealed",
            caller=reveal.caller,
            transfer=transfer,
            outcome=query.outcome or "",
            reason=query.reason or "",
            after_row=query.after_row,
        )
        registry.notify(Event(EventKind.IDS_REVEALED, transfer, logs.now(), caller=reveal.caller))

    return note
