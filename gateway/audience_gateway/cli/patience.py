"""Going on after a broken connection, for as long as a gateway may take to be restarted."""

from __future__ import annotations

import time
from typing import cast

import grpc

_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_GONE = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})


class Patience:
    """How long to try again; it begins anew whenever the gateway was heard."""

    def __init__(self) -> None:
        self._heard: float | None = None

    def heard(self) -> None:
        """Notes that the gateway has answered."""
        self._heard = time.monotonic()

    def wait(self, error: grpc.RpcError) -> None:
        """Waits before the next attempt.

        Raises the error if it is no broken connection, or if the gateway never answered, or not for a minute.
        """
        gone = cast("grpc.Call", error).code() in _GONE
        if not gone or self._heard is None or time.monotonic() - self._heard > _SECONDS:
            raise error
        time.sleep(_PAUSE_SECONDS)
