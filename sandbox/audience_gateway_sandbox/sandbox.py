"""A whole sandbox in one process: every emulated system on one port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web
from yarl import URL

from audience_gateway_sandbox import admin, credentials, ims
from audience_gateway_sandbox.application import application
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.audience_manager.customer_data.privacy_routes import privacy_routes
from audience_gateway_sandbox.audience_manager.customer_data.routes import customer_data_routes
from audience_gateway_sandbox.audience_manager.dcs.routes import dcs_routes
from audience_gateway_sandbox.audience_manager.inbound.routes import journal_routes
from audience_gateway_sandbox.campaign.instance import V7, Edition
from audience_gateway_sandbox.campaign.router import routes as campaign_routes
from audience_gateway_sandbox.customer_attributes import attribute_routes
from audience_gateway_sandbox.instance import Instance
from audience_gateway_sandbox.people.audience_library import AudienceLibrary
from audience_gateway_sandbox.people.library_routes import library_routes
from audience_gateway_sandbox.platform import platform_routes
from audience_gateway_sandbox.seeding import CAMPAIGN_SOURCE_IDS
from audience_gateway_sandbox.workflows.rest import workflow_routes

_GRACE_SECONDS = 2.0
_DEFAULT_ASSUMPTIONS = Assumptions()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that answers.

    Attributes:
        ready: how to reach each system: `ims` {url, org_id, client_id, client_secret}, `campaign` {url, user,
            password}, `audience_manager` {url}, `buckets` {name: url}, `platform` {url, files}, `admin` {url}.
        instance: the systems themselves, for those who want to look inside or to move their time.
    """

    ready: Mapping[str, Mapping[str, str]]
    instance: Instance

    @classmethod
    @asynccontextmanager
    async def started(
        cls,
        *,
        recipients: int = 2000,
        seed: int = 1,
        state: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        assumptions: Assumptions = _DEFAULT_ASSUMPTIONS,
        buckets: Mapping[str, str] | None = None,
        database: str = "",
        edition: Edition = V7,
    ) -> AsyncIterator[Sandbox]:
        """Start a sandbox and end it with the context.

        Args:
            recipients: how many recipients Campaign has.
            seed: what the sample data are drawn from; the same number and seed give the same data.
            state: directory that outlives the sandbox; None for one that ends with it.
            host: address to listen on.
            port: port of all systems; 0 for any free one.
            assumptions: what is assumed where the documents leave something open.
            database: URL of a PostgreSQL database for Campaign; a SQLite file of the state by default.
            edition: which generation of Campaign it is.
            buckets: addresses of the shared-audience buckets, and of `platformFiles`, by name, `file://` or `s3://`;
                directories by default.

        Raises:
            StateError: the directory or the database holds other data, or the database cannot be opened.
            ValueError: there are too few recipients, or a bucket cannot be opened.
            OSError: the port is taken, or the directory cannot be written.
        """
        async with AsyncExitStack() as stack:
            if state is None:
                state = Path(stack.enter_context(TemporaryDirectory(prefix="audience-gateway-sandbox-")))
            opened = asyncio.to_thread(
                Instance.opened,
                state.resolve(),
                recipients=recipients,
                seed=seed,
                assumptions=assumptions,
                buckets=buckets,
                database=database,
                edition=edition,
            )
            instance = stack.enter_context(closing(await opened))
            await stack.enter_async_context(_keeping_time(instance))
            url = await stack.enter_async_context(_served(instance, assumptions, host, port))
            yield cls(_ready(url, instance), instance)


@asynccontextmanager
async def _keeping_time(instance: Instance) -> AsyncIterator[None]:
    task = asyncio.create_task(instance.keep_time())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _served(instance: Instance, assumptions: Assumptions, host: str, port: int) -> AsyncIterator[str]:
    tokens, clock = instance.tokens, instance.clock
    routes = [
        *ims.routes(tokens, ims.Throttle(assumptions.tokens_a_minute, clock), jwt_exchange=assumptions.jwt_exchange),
        *ims.secret_routes(tokens),
        *campaign_routes(instance.campaign),
        *workflow_routes(instance.workflows, assumptions),
        *instance.audience_manager.routes(lambda request: ims.user_of(tokens, request)),
        *(ims.legacy_routes(tokens, credentials.AUDIENCE_MANAGER_PASSWORDS) if assumptions.legacy_oauth else ()),
        *dcs_routes(instance.data, clock),
        *customer_data_routes(instance.data, clock),
        *privacy_routes(instance.data, clock),
        *journal_routes(instance.data),
        *platform_routes(instance.platform, lambda token: tokens.judge(token).claims is not None, instance.wake),
        *admin.routes(instance),
        *attribute_routes(instance.attributes),
        *library_routes(AudienceLibrary(instance.audience_manager, CAMPAIGN_SOURCE_IDS)),
    ]
    gateway = ims.Gateway(
        tokens, ims.Throttle(assumptions.calls_a_minute, clock), numbers=assumptions.gateway_codes_are_numbers
    )
    runner = web.AppRunner(
        application(routes, [instance.calls.middleware, gateway.middleware]),
        access_log=None,
        shutdown_timeout=_GRACE_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield str(URL.build(scheme="http", host=host, port=runner.addresses[0][1]))
    finally:
        await runner.cleanup()


def _ready(url: str, instance: Instance) -> Mapping[str, Mapping[str, str]]:
    return {
        "ims": {
            "url": url,
            "org_id": credentials.ORG_ID,
            "client_id": credentials.CLIENT_ID,
            "client_secret": credentials.CLIENT_SECRETS[0],
        },
        "campaign": {"url": url, "user": credentials.CAMPAIGN_USER, "password": credentials.CAMPAIGN_PASSWORD},
        "audience_manager": {"url": url},
        "buckets": {
            **instance.buckets.addresses,
            "importFiles": instance.files.address,
            **{name: bucket.address for name, bucket in instance.data.buckets.own.items()},
            "customerAttributes": instance.attributes.address(),
        },
        "platform": {"url": url, "files": instance.platform.files.address},
        "admin": {"url": url},
    }
