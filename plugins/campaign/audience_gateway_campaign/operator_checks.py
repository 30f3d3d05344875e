"""Checks the clock of the instance, and what the operator may do (campaign 3.5)."""

from __future__ import annotations

from datetime import datetime

from audience_gateway.sdk import Diagnostic, Permanent, Severity
from lxml import etree

from audience_gateway_campaign.columns import timestamps
from audience_gateway_campaign.envelope import Call
from audience_gateway_campaign.session import Results, Session

_ADMINISTRATOR = "admin"


async def check_clock(session: Session, most_seconds: float) -> list[Diagnostic]:
    """Compare the clocks: expiry of tokens and names of files hang on them. Raises what the call raises."""
    before = session.now()
    server = await session.call(Call("xtk:session", "GetServerTime"), lambda results: _time(results, session.place))
    apart = max((server - session.now()).total_seconds(), (before - server).total_seconds())
    if apart <= most_seconds:
        return []
    summary = f"Campaign's clock is {apart:.0f} s from the gateway's."
    remedy = "Let both machines keep their time by NTP; `preflight.clock_skew_seconds` is what is allowed."
    return [Diagnostic(Severity.WARNING, summary, "preflight.clock_skew_seconds", remedy)]


async def check_rights(session: Session) -> list[Diagnostic]:
    """Say if the operator is no administrator. Raises what the call raises, but for a refusal."""
    try:
        rights = await session.call(Call("xtk:session", "GetUserInfo"), _rights)
    except Permanent as error:
        remedy = "Check the operator's rights in Campaign."
        return [
            Diagnostic(Severity.WARNING, f"What the operator may do cannot be read: {error.message}", "user", remedy)
        ]
    if _ADMINISTRATOR in rights:
        return []
    return [
        Diagnostic(
            Severity.INFO,
            "The operator is no administrator.",
            "user",
            "Lists need rights to read and write their folder; technical workflows are started by administrators only.",
        )
    ]


async def check_writing(session: Session) -> list[Diagnostic]:
    """Write no membership at all, which changes nothing but needs the right to write. Raises what the call raises."""
    nothing = etree.Element("rcpGrpRel-collection", xtkschema="nms:rcpGrpRel")
    try:
        await session.call(Call("xtk:session", "WriteCollection", {"domDoc": nothing}), len)
    except Permanent as error:
        remedy = "Give the operator the right to write to recipients and to the folder of the lists."
        return [Diagnostic(Severity.WARNING, f"A write of no rows fails: {error.message}", "nms:rcpGrpRel", remedy)]
    return []


def _time(results: Results, place: str) -> datetime:
    moments = timestamps([results[0].text]).to_pylist() if results else [None]
    if not isinstance(moments[0], datetime):
        raise Permanent("Campaign's answer to the time holds none.", place=place)
    return moments[0]


def _rights(results: Results) -> frozenset[str]:
    found = (right.get("right") for result in results for right in result.iter("{*}login-right"))
    return frozenset(right for right in found if right)
