"""Finds out who calls: by a pair of tokens or by a token of the token service (sandbox 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.faults import SessionFault

SESSION_HEADER = "X-Session-Token"
SECURITY_HEADER = "X-Security-Token"
_COOKIE = "__sessiontoken"
_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request carries.

    Attributes:
        session_token: from the first parameter, the cookie or the header, whichever is there first.
        security_token: from its header.
        bearer_token: from the header `Authorization`.
    """

    session_token: str = field(repr=False)
    security_token: str = field(repr=False)
    bearer_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        operator: login; empty for nobody.
        session_token: the caller's session; empty without one.
    """

    operator: str = ""
    session_token: str = field(default="", repr=False)


def credentials_of(request: web.Request, session_token: str = "") -> Credentials:
    """Gather a request's credentials."""
    headers: Mapping[str, str] = request.headers
    authorization = headers.get("Authorization", "").strip()
    is_bearer = authorization.lower().startswith(_BEARER)
    return Credentials(
        session_token or request.cookies.get(_COOKIE, "") or headers.get(SESSION_HEADER, "").strip(),
        headers.get(SECURITY_HEADER, "").strip(),
        authorization[len(_BEARER) :].strip() if is_bearer else "",
    )


def admit(campaign: Campaign, credentials: Credentials, *, anonymous: bool = False) -> Caller:
    """Tell who calls. Credentials that are there must be good, even where none are needed. Raises SessionFault."""
    if credentials.session_token:
        session_token = credentials.session_token
        operator = campaign.sessions.operator_of(session_token, credentials.security_token, campaign.clock.now())
    elif credentials.bearer_token:
        session_token, operator = "", campaign.bearer(credentials.bearer_token)
    else:
        session_token, operator = "", "" if anonymous else None
    if operator is None:
        raise SessionFault
    return Caller(operator, session_token)
