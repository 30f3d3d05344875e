"""All services of the platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from audience_gateway_sandbox.platform.admin import admin_routes
from audience_gateway_sandbox.platform.audiences import audience_service, definition_service
from audience_gateway_sandbox.platform.collection.service import collection_service
from audience_gateway_sandbox.platform.destinations.activation import flow_written
from audience_gateway_sandbox.platform.destinations.adhoc import adhoc_service
from audience_gateway_sandbox.platform.destinations.mapping_sets import mapping_service
from audience_gateway_sandbox.platform.external_audiences.service import external_audience_service
from audience_gateway_sandbox.platform.flow_service.service import flow_service
from audience_gateway_sandbox.platform.identities.namespace_service import namespace_service
from audience_gateway_sandbox.platform.identities.service import identity_service
from audience_gateway_sandbox.platform.jobs.data_access import data_access_service
from audience_gateway_sandbox.platform.jobs.previews import preview_service
from audience_gateway_sandbox.platform.jobs.schedules import schedule_service
from audience_gateway_sandbox.platform.jobs.service import export_job_service, segment_job_service
from audience_gateway_sandbox.platform.platform import Platform
from audience_gateway_sandbox.platform.policies.service import policy_service
from audience_gateway_sandbox.platform.profiles.service import lookup_service
from audience_gateway_sandbox.platform.wire import Service, routes


def services(token_is_good: Callable[[str], bool]) -> Sequence[Service]:
    """List the services.

    Args:
        token_is_good: tells whether an access token is good; for streaming inlets, before which no gateway stands.
    """
    return (
        audience_service(),
        definition_service(),
        segment_job_service(),
        export_job_service(),
        schedule_service(),
        preview_service(),
        data_access_service(),
        external_audience_service(),
        namespace_service(),
        identity_service(),
        lookup_service(),
        flow_service(flow_written),
        mapping_service(),
        adhoc_service(),
        policy_service(),
        collection_service(token_is_good),
    )


def platform_routes(
    platform: Platform, token_is_good: Callable[[str], bool], changed: Callable[[], None]
) -> list[web.RouteDef]:
    """List the addresses.

    Args:
        platform: whose.
        token_is_good: tells whether an access token is good.
        changed: called after each call that may have changed something.
    """
    every = services(token_is_good)
    return [*routes(every, platform.work, platform.worker, changed), *admin_routes(platform, every)]
