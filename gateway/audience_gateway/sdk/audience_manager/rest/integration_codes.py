"""Whether a data source has the integration code by which a site syncs ids (people-and-ids 6, 10)."""

from __future__ import annotations

from collections.abc import Iterable

from audience_gateway.sdk.audience_manager.rest.objects import DataSourceObject
from audience_gateway.sdk.diagnostics import Diagnostic, Severity


def code_findings(sources: Iterable[DataSourceObject], code: str, path: str) -> list[Diagnostic]:
    """A warning if none has Campaign's code; an empty code is not looked for. `path` is that of the setting."""
    codes = {source.integration_code: source.id for source in sources}
    if not code or code in codes:
        return []
    near = next((number for found, number in codes.items() if found.lower() == code.lower()), None)
    spelled = f"; data source {near} has it in other letter case" if near else ""
    return [
        Diagnostic(
            Severity.WARNING,
            f"No data source has the integration code `{code}`{spelled}.",
            path,
            "Give it to the data source of Campaign's Declared IDs: without it Campaign gets empty audiences. "
            "Leave the setting empty if Campaign is not used.",
        )
    ]
