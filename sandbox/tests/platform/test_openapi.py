"""The description of the platform, and what schemathesis finds when it calls the platform by it."""

import asyncio

import pytest
import schemathesis
from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.platform.services import services
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

DESCRIPTION = "/sandbox/platform/openapi.json"
EXAMPLES = 5
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
    broken = await asyncio.to_thread(explore, described, caller, mode)
    await caller.advance(days=1)
    assert broken == []
    assert caplog.messages == []


def explore(described, caller, mode):
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
        try:
            call_often(operation, caller.url, headers, mode)
        except (AssertionError, BaseExceptionGroup) as error:
            broken.append(f"{operation.label}: {error}")
    assert called == len(every_endpoint())
    return broken


def call_often(operation, url, headers, mode):
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

    call()
