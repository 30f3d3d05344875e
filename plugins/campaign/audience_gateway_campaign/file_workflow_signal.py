"""Tells the workflow of a new file: by `xtk:workflow#PostEvent` (campaign 3.9) or by v8's REST interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from audience_gateway.sdk import Permanent
from lxml import etree

from audience_gateway_campaign.columns import column
from audience_gateway_campaign.envelope import Call, Element
from audience_gateway_campaign.file_workflow_settings import FileWorkflowSettings
from audience_gateway_campaign.query import Query, literal
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.session import Session

_STATES = {"0": "is being edited", "20": "has ended"}
"""States in which an event is lost without a word; one that is paused keeps events until it goes on (campaign 3.8)."""


class Signal(Protocol):
    """What starts the loading of a file."""

    async def require_started(self) -> None:
        """Raise Permanent if the workflow would take no signal."""
        ...

    async def post(self, variables: Mapping[str, str]) -> None:
        """Signal the workflow; it goes on by itself, and its journal says how."""
        ...


class SoapSignal:
    """Signals by `xtk:workflow#PostEvent`."""

    def __init__(self, session: Session, settings: FileWorkflowSettings) -> None:
        self._session = session
        self._settings = settings

    async def require_started(self) -> None:
        """Raise Permanent if there is no such workflow or it is not started: then a signal fails in silence."""
        name = self._settings.workflow
        query = Query(
            schema="xtk:workflow", select=("@id", "@state"), where=(f"@internalName = {literal(name)}",), rows=1
        )
        state = await select(self._session, query, _state)
        if state is None or state in _STATES:
            raise Permanent(
                f"the workflow `{name}` {_STATES[state] if state else 'is not there'}",
                place=self._session.place,
                remedy="Start it in Campaign, or set `file_workflow.workflow` to the internal name of another one.",
            )

    async def post(self, variables: Mapping[str, str]) -> None:
        """Post the event; Campaign answers when it is queued."""
        parameters: dict[str, str | Element] = {
            "strWorkflowId": self._settings.workflow,
            "strActivity": self._settings.activity,
            "strTransition": self._settings.transition,
            "elemParameters": etree.Element("variables", dict(variables)),
            "bComplete": "false",
        }
        await self._session.call(Call("xtk:workflow", "PostEvent", parameters), len)


def _state(rows: Sequence[Element]) -> str | None:
    return next(iter(column(rows, "@state")), None) if rows else None
