"""Checks that tracking logs can be found by Visitor ID without a scan (campaign 5.8)."""

from __future__ import annotations

from audience_gateway.sdk import Diagnostic, Permanent, Severity

from audience_gateway_campaign.envelope import Call
from audience_gateway_campaign.session import Results, Session

_SCHEMA = "nms:trackingLogRcp"
_ATTRIBUTE = "@sourceId"


async def check_index(session: Session, path: str) -> list[Diagnostic]:
    """Say if the schema of tracking logs has no index on Visitor IDs. Raises what the call raises, but a refusal."""
    asked = {"pk": f"xtk:schema|{_SCHEMA}", "md5": "", "mustExist": "false"}
    try:
        indexed = await session.call(Call("xtk:persist", "GetEntityIfMoreRecent", asked), _has_index)
    except Permanent as error:
        summary = f"The schema `{_SCHEMA}` cannot be read: {error.message}"
        return [Diagnostic(Severity.WARNING, summary, path, "Check that the operator may read schemas.")]
    if indexed:
        return []
    summary = f"The schema `{_SCHEMA}` declares no index on `{_ATTRIBUTE}`."
    remedy = "Add one in an extension of the schema: without it Visitor IDs are found slowly and tracking may fail."
    return [Diagnostic(Severity.WARNING, summary, path, remedy)]


def _has_index(results: Results) -> bool:
    first_fields = (
        next(index.iterchildren("{*}keyfield"), None)
        for result in results
        for index in result.iter("{*}dbindex", "{*}key")
    )
    return any(field is not None and field.get("xpath") == _ATTRIBUTE for field in first_fields)
