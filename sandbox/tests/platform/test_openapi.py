"""The description of the platform, and what schemathesis finds when it calls the platform by it."""

import asyncio

import pytest
import schemathesis
from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.platform.services import services
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.strategies import booleans
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .conftest import FLOWS

UPS = "/data/core/ups"
DESCRIPTION = "/sandbox/platform/openapi.json"
EXAMPLES = 4
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def every_endpoint():
    return [endpoint for service in services(lambda _: True) for endpoint in service.endpoints]


async def test_it_is_good_openapi(caller):
    described = await caller.get(DESCRIPTION)
    OpenAPIV31SpecValidator(described).validate()


async def test_it_describes_each_address_that_is_served(caller):
    described = await caller.get(DESCRIPTION)
    operations = {(method.upper(), path) for path, each in described["paths"].items() for method in each}
    assert operations == {(endpoint.method, endpoint.path) for endpoint in every_endpoint()}


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
async def test_answers_are_as_described(caller, mode, caplog):
    load_all_checks()
    described = await caller.get(DESCRIPTION)
    broken = await asyncio.to_thread(explore, described, caller, mode, await things(caller))
    await caller.advance(days=1)
    assert broken == []
    assert caplog.messages == []


def explore(described, caller, mode, there):
    """Call each operation with examples of schemathesis; tell what was wrong, once for each operation."""
    headers = {
        "Authorization": f"Bearer {caller.token}",
        "x-api-key": credentials.CLIENT_ID,
        "x-gw-ims-org-id": credentials.ORG_ID,
    }
    broken, called = [], 0
    for result in schemathesis.openapi.from_dict(described).get_all_operations():
        operation = result.ok()
        called += 1
        known = next((parts for path, parts in there.items() if operation.path.startswith(path)), {})
        try:
            call_often(operation, caller.url, headers, mode, {} if operation.method == "delete" else known)
        except (AssertionError, BaseExceptionGroup) as error:
            broken.append(f"{operation.label}: {error}")
    assert called == len(every_endpoint())
    return broken


def call_often(operation, url, headers, mode, known):
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(case=operation.as_strategy(generation_mode=mode), of_what_is_there=booleans())
    def call(case, of_what_is_there):
        if of_what_is_there:
            case.path_parameters |= {name: known[name] for name in case.path_parameters if name in known}
        case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

    call()


async def things(caller):
    """Make one of each kind of object; tell the variable parts of paths by how these begin."""
    audience = await caller.define("a = 1")
    external = {"name": "x", "namespace": "n", "type": "ExternalSegment"}
    rule = {"predicateExpression": "a = 1"}
    export = {"destination": {"datasetId": "d"}, "filter": {"segments": [{"segmentId": audience}]}}
    policy = {"name": "p", "marketingActionRefs": [], "deny": {"label": "C1"}}
    namespace = {"name": "x", "code": "x", "idType": "COOKIE"}
    schedule = {"name": "s", "type": "batch_segmentation", "properties": {"segments": []}, "schedule": "0 0 1 * * ?"}
    flow = (await caller.post(f"{FLOWS}/flows", {"name": "f"}))["id"]
    job = (await caller.evaluate(audience))["id"]
    exported = await caller.post(f"{UPS}/export/jobs", export)
    await caller.advance(seconds=1)
    batch = (await caller.get(f"{UPS}/export/jobs/{exported['id']}"))["batchId"]
    inlet = await caller.inlet()
    made = {
        f"{UPS}/segment/definitions": audience,
        f"{UPS}/segment/jobs": job,
        f"{UPS}/export/jobs": str(exported["id"]),
        f"{UPS}/audiences": (await caller.post(f"{UPS}/audiences", external))["id"],
        f"{UPS}/preview": (preview := (await caller.post(f"{UPS}/preview", rule))["previewId"]),
        f"{UPS}/estimate": preview,
        f"{UPS}/config/schedules": (await caller.post(f"{UPS}/config/schedules", schedule))["id"],
        "/data/core/ais/external-audience": (await caller.post(f"{UPS}/audiences", external | {"name": "y"}))["id"],
        "/data/core/idnamespace": str((await caller.post("/data/core/idnamespace/identities", namespace))["id"]),
        "/data/foundation/catalog": batch,
        "/data/foundation/export/batches": batch,
        "/data/foundation/export/files": f"{batch}-1",
        f"{FLOWS}/flows": flow,
        f"{FLOWS}/runs": (await caller.post(f"{FLOWS}/runs", {"flowId": flow}))["id"],
        f"{FLOWS}/connections": inlet,
        "/data/foundation/dulepolicy/policies": (
            await caller.post("/data/foundation/dulepolicy/policies/custom", policy)
        )["id"],
    }
    action = {"kind": "core", "name": "emailTargeting"}
    return {
        **{path: {"id": id_} for path, id_ in made.items()},
        "/collection": {"inlet": inlet},
        "/data/foundation/dulepolicy/marketingActions": action,
    }
