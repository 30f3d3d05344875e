"""Checks what an instance needs to share audiences with Experience Cloud (campaign 1.1 to 1.3, 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from audience_gateway.sdk import Diagnostic, Permanent, Severity

from audience_gateway_campaign.columns import column
from audience_gateway_campaign.envelope import Element
from audience_gateway_campaign.preflight_settings import PreflightSettings
from audience_gateway_campaign.query import Query, literal
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.session import Session

_WORKFLOWS = "xtk:workflow"
_ACCOUNTS = "nms:extAccount"
_RUNNING = frozenset({"2", "3", "11"})
_PAUSED = "13"
_INTEGRATION_CODE = "AdobeCampaignID"
_PROVISION = "Ask Adobe to provision the integration, or take it off the list in the settings under `preflight`."


async def check_sharing(session: Session, settings: PreflightSettings) -> list[Diagnostic]:
    """Check workflows, external accounts and data sources. Raises what the calls raise, but for refusals."""
    keys = (settings.data_source_key, *settings.data_source_ids)
    asked: list[tuple[bool, Query, Callable[[Sequence[Element]], list[Diagnostic]]]] = [
        (
            bool(settings.workflows),
            _named(_WORKFLOWS, "@internalName", settings.workflows, ("@state",)),
            lambda rows: _workflows(rows, settings.workflows),
        ),
        (
            bool(settings.external_accounts),
            _named(_ACCOUNTS, "@name", settings.external_accounts, ("@active",)),
            lambda rows: _accounts(rows, settings.external_accounts),
        ),
        (
            bool(settings.data_source_ids),
            Query(schema=settings.data_source_schema, select=("@name", *keys)),
            lambda rows: _data_sources(rows, settings),
        ),
    ]
    return [finding for wanted, query, read in asked if wanted for finding in await _found(session, query, read)]


async def _found(
    session: Session, query: Query, read: Callable[[Sequence[Element]], list[Diagnostic]]
) -> list[Diagnostic]:
    try:
        return await select(session, query, read)
    except Permanent as error:
        remedy = error.remedy or "Check that the operator may read it."
        return [_warning(f"`{query.schema}` cannot be read: {error.message}", query.schema, remedy)]


def _named(schema: str, key: str, names: Sequence[str], attributes: tuple[str, ...]) -> Query:
    among = ", ".join(map(literal, names))
    return Query(schema=schema, select=(key, *attributes), where=(f"{key} IN ({among})",))


def _workflows(rows: Sequence[Element], names: Sequence[str]) -> list[Diagnostic]:
    states = dict(zip(column(rows, "@internalName"), column(rows, "@state"), strict=True))
    findings = []
    for name in names:
        path, state = f"{_WORKFLOWS}/{name}", states.get(name) or "0"
        if name not in states:
            findings.append(_warning("The technical workflow is not installed.", path, _PROVISION))
        elif state not in _RUNNING:
            how = "paused" if state == _PAUSED else "stopped"
            remedy = "Have an administrator start it: meanwhile nothing is shared through it, and no error says so."
            findings.append(_warning(f"The technical workflow is {how}.", path, remedy))
    return findings


def _accounts(rows: Sequence[Element], names: Sequence[str]) -> list[Diagnostic]:
    active = dict(zip(column(rows, "@name"), column(rows, "@active"), strict=True))
    findings = []
    for name in names:
        path = f"{_ACCOUNTS}/{name}"
        if name not in active:
            findings.append(_warning("The external account is not there, or may not be read.", path, _PROVISION))
        elif active[name] not in {"1", "true"}:
            findings.append(_warning("The external account is disabled.", path, "Enable it in Campaign."))
    return findings


def _data_sources(rows: Sequence[Element], settings: PreflightSettings) -> list[Diagnostic]:
    schema = settings.data_source_schema
    if not rows:
        return [_warning("There is no AMC data source.", schema, _PROVISION)]
    findings = []
    for number, name in enumerate(column(rows, "@name")):
        path, row = f"{schema}/{name}", rows[number : number + 1]
        unset = [each for each in settings.data_source_ids if (column(row, each)[0] or "0") == "0"]
        if unset:
            remedy = "Enter the ids that Adobe handed out when it provisioned the integration."
            findings.append(_warning(f"The data source has no {' and no '.join(unset)}.", path, remedy))
        key = column(row, settings.data_source_key)[0] or ""
        if key and "trackingLog" not in key:
            summary = f"The data source reconciles by Declared ID; sites must set it as `{_INTEGRATION_CODE}`."
            remedy = (
                f"Check that sites sync the value of `{key}` under the integration code `{_INTEGRATION_CODE}`: "
                "Campaign cannot tell, and without it audiences stay empty."
            )
            findings.append(Diagnostic(Severity.INFO, summary, path, remedy))
    return findings


def _warning(summary: str, path: str, remedy: str) -> Diagnostic:
    return Diagnostic(Severity.WARNING, summary, path, remedy)
