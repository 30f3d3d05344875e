"""Reads the switches of `/sandbox/faults` and sets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audience_gateway_sandbox.campaign.campaign import Campaign

_EXPIRE = "expire_sessions"
_REFUSE = "refuse_recipients"
_AS_403 = ("login_as_403", "session_as_403")


def tell(campaign: Campaign) -> dict[str, Any]:
    """Tell which faults are switched on."""
    faults = campaign.faults
    return {_REFUSE: sorted(faults.refuse_recipients), **{name: getattr(faults, name) for name in _AS_403}}


def switch(campaign: Campaign, switches: Mapping[str, Any]) -> None:
    """Set the switches that are named; `expire_sessions` acts once.

    Raises ValueError for an unknown switch or a value of the wrong type, before any is set.
    """
    for name, value in switches.items():
        _check(name, value)
    if switches.get(_EXPIRE):
        campaign.sessions.expire_all()
    if _REFUSE in switches:
        campaign.faults.refuse_recipients = {str(recipient) for recipient in switches[_REFUSE]}
    for name in _AS_403:
        if name in switches:
            setattr(campaign.faults, name, switches[name])


def _check(name: str, value: object) -> None:
    if name == _REFUSE:
        good = isinstance(value, list) and all(str(recipient).isdecimal() for recipient in value)
    elif name in {_EXPIRE, *_AS_403}:
        good = isinstance(value, bool)
    else:
        raise ValueError(f"There is no switch of this name; there are {', '.join([_EXPIRE, _REFUSE, *_AS_403])}.")
    if not good:
        raise ValueError(f"`{name}` must be {'a list of ids of recipients' if name == _REFUSE else 'true or false'}.")
