"""Runs the gateway until it is told to end: SIGTERM or SIGINT once to drain, twice to end at once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NoReturn

import structlog

from audience_gateway import memory
from audience_gateway.loading import loading
from audience_gateway.sdk import Event, EventKind
from audience_gateway.server import logs
from audience_gateway.server.app import build
from audience_gateway.server.assemble import assemble
from audience_gateway.server.push_listener import receiving, telling
from audience_gateway.server.settings import GatewaySettings
from audience_gateway.storage.atomic_file import replacing

_LOG = structlog.get_logger("audience_gateway.server")
_INTERRUPTED = 130


async def serve(settings: GatewaySettings, ready_file: Path | None = None) -> None:
    """Serves until SIGTERM or SIGINT, then drains and ends the process.

    Raises ConfigError for what is configured wrong.

    Once it answers, it writes `{"address": "HOST:PORT"}` to the ready file, where pushes are taken, if any are, as
    `receiver`, and where metrics of them are told, if they are, as `metrics`.
    """
    logs.configure()
    memory.keep_level()
    if ready_file:
        await asyncio.to_thread(ready_file.unlink, missing_ok=True)
    told_to_end = _signals()
    async with AsyncExitStack() as running:
        with loading():
            core = await running.enter_async_context(assemble(settings))
            app = build(core, settings.server.address)
            receiver = await running.enter_async_context(receiving(core.pushes, settings.receiver, app.draining))
            metrics = await running.enter_async_context(telling(core.pushes, settings.receiver))
            await app.server.start()
        host = settings.server.address.rpartition(":")[0]
        address = f"{host}:{app.port}"
        core.registry.notify(Event(EventKind.GATEWAY_STARTED, address, logs.now()))
        _LOG.info("serving", address=address, failed_plugins=[one.origin.plugin for one in core.registry.failures])
        if ready_file:
            with replacing(ready_file) as temporary:
                places = {"address": address, "receiver": receiver, "metrics": metrics}
                there = {name: place for name, place in places.items() if place}
                temporary.write_text(json.dumps(there), encoding="utf-8")
        await told_to_end.wait()
        core.registry.notify(Event(EventKind.GATEWAY_STOPPING, address, logs.now()))
        _LOG.info("draining", seconds=settings.server.drain_seconds)
        await app.drain(settings.server.drain_seconds)
    _LOG.info("ended")
    _leave()


def _leave() -> NoReturn:
    # An orderly end of loop and server cancels calls that were not begun. A connection that ends does not.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _signals() -> asyncio.Event:
    told_to_end = asyncio.Event()

    def told() -> None:
        if told_to_end.is_set():
            os._exit(_INTERRUPTED)
        told_to_end.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told)
    return told_to_end
