"""Listens for pushes, beside the API: HTTP, with TLS where certificates are configured."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from audience_gateway.pushes.intake import PushIntake
from audience_gateway.sdk import ConfigError
from audience_gateway.server.metrics_page import metrics_application
from audience_gateway.server.push_endpoint import PushEndpoint
from audience_gateway.server.settings import ReceiverSettings


@asynccontextmanager
async def receiving(intake: PushIntake, settings: ReceiverSettings, draining: asyncio.Event) -> AsyncIterator[str]:
    """Takes pushes until the block ends. Answers where, `HOST:PORT`; empty if no connection takes any.

    Raises ConfigError if one does and there is no address, or it cannot be had, or certificates cannot be read.
    """
    if not intake.gates:
        yield ""
        return
    if not settings.address:
        raise ConfigError(
            f"the connection `{next(iter(intake.gates))}` takes pushes, and there is no address for them",
            place="receiver.address",
            remedy="Set it to a host and a port that the system can reach.",
        )
    application = PushEndpoint(intake, draining, settings.most_bytes).application()
    async with _listening(application, settings, "address", _tls(settings)) as address:
        yield address


@asynccontextmanager
async def telling(intake: PushIntake, settings: ReceiverSettings) -> AsyncIterator[str]:
    """Answers metrics of pushes until the block ends. Answers where, `HOST:PORT`; empty if nobody is to be told.

    Raises ConfigError if the address cannot be had.
    """
    if not intake.gates or not settings.metrics_address:
        yield ""
        return
    async with _listening(metrics_application(intake), settings, "metrics_address") as address:
        yield address


@asynccontextmanager
async def _listening(
    application: web.Application, settings: ReceiverSettings, setting: str, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Serves an application, until the block ends, at the address of a setting; requests under way end first.

    Answers `HOST:PORT`. Raises ConfigError if the address cannot be had.
    """
    host, _, port = str(getattr(settings, setting)).rpartition(":")
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=settings.seconds)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host.strip("[]"), int(port), ssl_context=tls)
        try:
            await site.start()
        except (OSError, OverflowError) as error:
            raise ConfigError(
                "the address cannot be listened on", place=f"receiver.{setting}", remedy="Free it, or take another."
            ) from error
        yield f"{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _tls(settings: ReceiverSettings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.certificate, settings.key)
        if settings.client_ca is not None:
            context.load_verify_locations(settings.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(
            "certificate, key or client_ca cannot be read, or do not fit each other",
            place="receiver",
            remedy="Name files in PEM that the gateway's user can read; the key without a password.",
        ) from error
    return context
