"""What the newest export of a flow came to: counts to tell its rows from those of the audience by (rtcdp 6.8, 10.1)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from audience_gateway.sdk import Diagnostic, Severity

from audience_gateway_rtcdp.flow_service import FlowService
from audience_gateway_rtcdp.platform import Object

_PATH = "activation.runs"


async def exports_of(flows: FlowService, flow: Object) -> AsyncGenerator[Diagnostic, None]:
    """What the newest run of a flow found, wrote and left out; nothing if there was none. Raises what a call raises."""
    newest = [("property", f"flowId=={flow['id']}"), ("orderby", "-createdAt")]
    async with aclosing(flows.all("runs", newest)) as runs:
        async for run in runs:
            records = _part(_part(run, "metrics"), "recordSummary")
            found, written, left = (records.get(f"{name}RecordCount") for name in ("input", "output", "skipped"))
            if isinstance(found, int) and isinstance(written, int):
                summary = f"The newest export found {found} rows, wrote {written} and left out {left or 0}."
                yield Diagnostic(Severity.INFO, summary, _PATH, _why(records))
            return


def _why(records: Mapping[str, Any]) -> str:
    listed = records.get("skippedInfo")
    told = [f"{each.get('count')}: {each.get('message')}" for each in listed or () if isinstance(each, dict)]
    return " ".join([*told, "A receipt accounts for each row that was written."])


def _part(shown: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = shown.get(name)
    return part if isinstance(part, dict) else {}
