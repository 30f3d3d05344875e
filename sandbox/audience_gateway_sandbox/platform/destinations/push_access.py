"""How those who push prove who they are: a bearer token, or one that they ask for (rtcdp 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from audience_gateway_sandbox.platform.destinations.target import Target
from audience_gateway_sandbox.platform.flow_service.objects import CONNECTIONS, TARGETS
from audience_gateway_sandbox.platform.storage import Space


@dataclass(frozen=True, slots=True)
class Client:
    """A client that asks for a token before it pushes (OAuth 2.0, client credentials).

    Attributes:
        address: where it asks.
        id: of the client.
        secret: of the client.
    """

    address: str
    id: str
    secret: str = field(repr=False)


def access_of(space: Space, target: Target) -> tuple[str, Client | None]:
    """Tell the bearer token of a target, or the client that asks for one; neither where there is no authentication."""
    document = space.documents(TARGETS).get(target.id)
    base = document and space.documents(CONNECTIONS).get(str(document.body.get("baseConnectionId")))
    params: Mapping[str, Any] = ((base.body.get("auth") or {}).get("params") or {}) if base else {}
    if params.get("accessTokenUrl"):
        said = (str(params.get(name, "")) for name in ("accessTokenUrl", "clientId", "clientSecret"))
        return "", Client(*said)
    return str(params.get("token") or ""), None


async def token_for(http: aiohttp.ClientSession, client: Client) -> str:
    """Ask for a token; empty if none is to be had, so that the push fails as any that is refused."""
    form = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
    try:
        async with http.post(client.address, data=form) as response:
            answer = await response.json() if response.ok else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return ""
    return str(answer.get("access_token", "")) if isinstance(answer, dict) else ""
