"""Tries what a connection needs, from the logon to what sharing with Experience Cloud needs."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from audience_gateway.sdk import AuthError, ConfigError, Diagnostic, GatewayError, Permanent, Severity

from audience_gateway_campaign.operator_checks import check_clock, check_rights, check_writing
from audience_gateway_campaign.query import Query
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.session import Session
from audience_gateway_campaign.settings import CampaignSettings
from audience_gateway_campaign.sharing_checks import check_sharing
from audience_gateway_campaign.tracking_index import check_index


async def check(session: Session, settings: CampaignSettings) -> list[Diagnostic]:
    """Find what is wrong with a connection; no error found means that lists can be read and written."""
    findings = _clear_text(settings)
    try:
        findings += await check_clock(session, settings.preflight.clock_skew_seconds)
    except (AuthError, ConfigError) as error:
        return [*findings, _finding(error, "credentials" if settings.credentials else "password")]
    except GatewayError as error:
        return [*findings, _finding(error, "url")]
    path = ""
    try:
        for path, query in _needed(settings):
            findings += await _readable(session, query, path)
        path = "user"
        findings += await check_rights(session)
        path = "nms:rcpGrpRel"
        findings += await check_writing(session)
        path = "nms:trackingLogRcp/@sourceId"
        findings += await check_index(session, path)
        path = "preflight"
        findings += await check_sharing(session, settings.preflight)
    except GatewayError as error:
        return [*findings, _finding(error, path)]
    return findings


async def _readable(session: Session, query: Query, path: str) -> list[Diagnostic]:
    try:
        await select(session, query, len)
    except Permanent as error:
        return [_finding(error, path)]
    return []


def _needed(settings: CampaignSettings) -> list[tuple[str, Query]]:
    flags, list_key = settings.opt_out_attributes, f"[@{settings.membership_list_key}]"
    return [
        ("nms:recipient", Query(schema="nms:recipient", select=("@id",), rows=1)),
        ("opt_out_attributes", Query(schema="nms:recipient", select=("@id", *flags), rows=1)),
        ("nms:group", Query(schema="nms:group", select=("@id", "@name", "@label", "@type"), rows=1)),
        ("membership_list_key", Query(schema="nms:rcpGrpRel", select=(list_key, "[@recipient-id]"), rows=1)),
        ("nms:trackingLogRcp", Query(schema="nms:trackingLogRcp", select=("@id", "[@recipient-id]"), rows=1)),
    ]


def _finding(error: GatewayError, path: str) -> Diagnostic:
    remedy = error.remedy or "Check that the operator may read it."
    return Diagnostic(Severity.ERROR, f"{error.place}: {error.message}" if error.place else error.message, path, remedy)


def _clear_text(settings: CampaignSettings) -> list[Diagnostic]:
    address = urlsplit(settings.url)
    if address.scheme == "https" or _is_loopback(address.hostname or ""):
        return []
    return [
        Diagnostic(
            Severity.WARNING,
            "Password and ids travel in clear text.",
            "url",
            "Use the `https` address of the instance.",
        )
    ]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
