"""Ctrl+C while a stream is open cancels the call, instead of raising in the middle of the channel's own work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc


@contextmanager
def cancelled_by_interrupt(call: Any) -> Iterator[None]:  # noqa: ANN401  # the types of grpc have no name for it
    """Raises KeyboardInterrupt, once the call has ended, if SIGINT came while the block ran."""
    interrupted = False

    def cancel(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        call.cancel()

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    except grpc.RpcError as error:
        if interrupted:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
