"""Methods of `xtk:session`: log on and off, and ask about the session and the instance (sandbox 3.3)."""

from __future__ import annotations

import hmac

from audience_gateway_sandbox.campaign.access import Caller
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.envelope import Call
from audience_gateway_sandbox.campaign.faults import LoginFault
from audience_gateway_sandbox.campaign.instance import INSTANCE
from audience_gateway_sandbox.campaign.queries.row_format import escaped
from audience_gateway_sandbox.campaign.times import soap_time, time_text

_LOGIN_ID = 2101
_RIGHTS = ("admin",)
_PACKAGES = ("core", "campaign", "amcIntegration")


def logon(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    """Log a native operator on, where the edition has such. Raises LoginFault."""
    login, password = call.text(0), call.text(1)
    expected = campaign.operators.get(login)
    # Compared in any case, so that the time it takes does not tell whether the operator exists.
    same = hmac.compare_digest(password.encode(), (expected or "").encode())
    if expected is None or not same or not campaign.edition.native_logon:
        raise LoginFault
    return _begun(campaign, login)


def bearer_token_logon(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    """Log the operator of a token of the token service on. Raises LoginFault."""
    operator = campaign.bearer(call.text(0))
    if operator is None:
        raise LoginFault
    return _begun(campaign, operator)


def logoff(campaign: Campaign, _: Call, caller: Caller) -> tuple[str, ...]:
    """End the session."""
    campaign.sessions.end(caller.session_token)
    return ()


def prove_connection(_: Campaign, __: Call, ___: Caller) -> tuple[str, ...]:
    """Do nothing, which proves that the caller is logged on."""
    return ()


def get_server_time(campaign: Campaign, _: Call, __: Caller) -> tuple[str, ...]:
    """Tell the time."""
    return (soap_time(campaign.clock.now()),)


def get_user_info(_: Campaign, __: Call, caller: Caller) -> tuple[str, ...]:
    """Tell who the caller is."""
    return (_user_info(caller.operator),)


def get_option(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    """Read an option; one that is not there is empty and of type 0."""
    found = campaign.database.execute('SELECT value, type FROM "option" WHERE name = ?', (call.text(0),)).fetchone()
    value, type_ = found or ("", 0)
    return str(value), str(type_)


def _begun(campaign: Campaign, operator: str) -> tuple[str, ...]:
    now = campaign.clock.now()
    session = campaign.sessions.begin(operator, now)
    seconds = int(campaign.sessions.lifetime.total_seconds())
    major, minor, service_pack = campaign.edition.version
    server = (
        f'<serverInfo buildNumber="{campaign.edition.build}" instanceName="{INSTANCE}" majNumber="{major}"'
        f' minNumber="{minor}"'
        f' servicePack="{service_pack}" defaultNameSpace="cus" securityTimeOut="{seconds}" sessionTimeOut="{seconds}"'
        f' serverDate="{time_text(now)}"/>'
    )
    info = f"<sessionInfo>{server}{_user_info(operator)}</sessionInfo>"
    return session.session_token, info, session.security_token


def _user_info(operator: str) -> str:
    login = escaped(operator)
    rights = "".join(f'<login-right right="{right}"/>' for right in _RIGHTS)
    packages = "".join(f'<installed-package name="{name}" namespace="nms"/>' for name in _PACKAGES)
    return (
        f'<userInfo login="{login}" loginCS="{login} ({login})" loginId="{_LOGIN_ID}" locale="en" instanceLocale="en"'
        f' timezone="UTC">{rights}{packages}</userInfo>'
    )
