"""What calls Audience Manager's REST interfaces."""

from __future__ import annotations

from audience_gateway.sdk.context import Context
from audience_gateway.sdk.rest import Caller, RestInterface


def caller_of(url: str, context: Context, credentials: str, timeout_seconds: float) -> Caller:
    """A caller of one interface.

    Args:
        url: what paths are appended to.
        context: the gateway's side.
        credentials: name of the credentials.
        timeout_seconds: how long one call may take.
    """
    interface = RestInterface(
        system="Audience Manager",
        url=url.rstrip("/"),
        credentials=credentials,
        timeout_seconds=timeout_seconds,
        rights_remedy="Have an administrator add it to a group with the rights; `GET /users/self` makes it known to"
        " them.",
    )
    return Caller(interface, context)
