"""Who calls, by the token that comes with the call, and what that caller may do beyond what everybody may."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import grpc.aio

from audience_gateway.sdk import Secret

_HEADER = "authorization"
_SCHEME = "bearer "


class Right(StrEnum):
    """What not everybody may do."""

    REVEAL_IDS = "reveal_ids"
    CREATE_RECORDS = "create_records"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may do more than everybody.

    Attributes:
        name: what the settings call it.
        token: what its calls carry as `authorization: Bearer TOKEN`.
        rights: what it may do.
    """

    name: str
    token: Secret
    rights: frozenset[Right]


class NotPermitted(Exception):
    """The caller does not have the right that the call needs."""

    def __init__(self, right: Right) -> None:
        super().__init__(right.value)
        self.right = right


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of all callers; by default nobody has any."""

    callers: tuple[Caller, ...] = ()

    async def claim(self, right: Right, context: grpc.aio.ServicerContext[Any, Any]) -> str:
        """Name of the caller, who has that right. Raises NotPermitted, ConfigError if its token cannot be read."""
        token = _token(context)
        return await asyncio.to_thread(self._having, right, token)

    def _having(self, right: Right, token: bytes) -> str:
        having = [caller for caller in self.callers if right in caller.rights]
        found = [caller.name for caller in having if hmac.compare_digest(caller.token.reveal().encode(), token)]
        if not token or not found:
            raise NotPermitted(right)
        return found[0]


def _token(context: grpc.aio.ServicerContext[Any, Any]) -> bytes:
    for name, value in context.invocation_metadata() or ():
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        if name == _HEADER and text.lower().startswith(_SCHEME):
            return text[len(_SCHEME) :].strip().encode()
    return b""
