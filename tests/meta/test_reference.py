"""What a reader looks up is in docs/reference: every rpc, setting, hook, error reason and outcome reason."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from audience_gateway.plugins import hookspecs
from audience_gateway.plugins.loader import installed, load
from audience_gateway.sdk import Outcome, Reason
from audience_gateway.server.settings import GatewaySettings
from audience_gateway.v1 import (
    audience_service_pb2,
    connector_service_pb2,
    identity_service_pb2,
    schedule_service_pb2,
    transfer_service_pb2,
)
from audience_gateway.v1.error_reason_pb2 import ErrorReason
from pydantic import BaseModel

OURS = "audience-gateway-"
REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SERVICES = [
    service
    for module in (
        audience_service_pb2,
        connector_service_pb2,
        identity_service_pb2,
        schedule_service_pb2,
        transfer_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
]
HOOKS = [
    name
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction)
    if hasattr(function, "audience_gateway_spec")
]


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def settings(model: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    """The name and description of every setting below a model."""
    for name, field in model.model_fields.items():
        inner = [
            one
            for one in (field.annotation, *get_args(field.annotation))
            if isinstance(one, type) and issubclass(one, BaseModel)
        ]
        if not inner:
            yield name, field.description
        for one in inner:
            yield from settings(one)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_rpc_stands_in_the_reference(service) -> None:
    text = page("api.md")

    assert [method.name for method in service.methods if f"| `{method.name}` |" not in text] == []


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_stands_in_the_reference_with_its_signature(hook: str) -> None:
    signature = str(inspect.signature(getattr(hookspecs, hook))).replace("'", "")

    assert f"## `{hook}{signature}`" in page("hooks.md")


def test_there_are_hooks_to_document() -> None:
    assert set(HOOKS) == {"register_connectors", "register_reconcilers", "register_credentials", "observe"}


def test_every_error_reason_stands_in_the_reference() -> None:
    text = page("errors.md")
    reasons = [name.removeprefix("ERROR_REASON_") for name, number in ErrorReason.items() if number]

    assert [reason for reason in reasons if f"| `{reason}` | `" not in text] == []


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_stands_in_the_reference_with_its_reasons(outcome: Outcome) -> None:
    section = page("outcomes.md").partition(f"## `{outcome}`")[2].partition("\n## ")[0]

    assert [reason for reason in Reason if reason.outcome is outcome and f"| `{reason}` |" not in section] == []
    assert section


def test_every_setting_of_the_gateway_stands_in_the_reference() -> None:
    text = page("settings.md")

    assert [name for name, _ in settings(GatewaySettings) if f"{name}` |" not in text] == []


def test_every_setting_of_every_plugin_stands_in_the_reference() -> None:
    registry = load(installed())
    text = page("settings.md")
    tables = (registry.connectors, registry.credentials)
    # Tests of other directories bring plugins of their own into the process.
    specs = [entry.value for table in tables for entry in table.values() if entry.origin.distribution.startswith(OURS)]

    missing = [
        f"{spec.name}: {name}" for spec in specs for name, _ in settings(spec.settings) if f"{name}`" not in text
    ]

    assert missing == []
    assert registry.failures == ()


def test_every_setting_says_what_it_is_for() -> None:
    registry = load(installed())
    specs = [entry.value for table in (registry.connectors, registry.credentials) for entry in table.values()]

    silent = [
        f"{model.__name__}.{name}"
        for model in (GatewaySettings, *(spec.settings for spec in specs))
        for name, description in settings(model)
        if not description
    ]

    assert silent == []
