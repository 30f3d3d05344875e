from __future__ import annotations

from importlib.metadata import entry_points

import pluggy
import pytest
from audience_gateway.sdk import CONTRACT_VERSION, CredentialSpec
from audience_gateway_ims import ImsSettings, ImsTokens, plugin
from pydantic import ValidationError


class Registry:
    def __init__(self) -> None:
        self.specs: list[CredentialSpec] = []

    def add_credentials(self, spec: CredentialSpec) -> None:
        self.specs.append(spec)


def test_the_plugin_adds_the_credentials_ims():
    registry = Registry()
    plugin.register_credentials(registry)
    (spec,) = registry.specs
    assert (spec.name, spec.settings, spec.create) == ("ims", ImsSettings, ImsTokens)
    assert spec.contract_version == CONTRACT_VERSION


def test_the_gateway_finds_the_plugin_by_its_entry_point():
    (entry,) = entry_points(group="audience_gateway.plugins", name="ims")
    manager = pluggy.PluginManager("audience_gateway")
    manager.register(entry.load())
    assert [caller.name for caller in manager.get_hookcallers(plugin) or []] == ["register_credentials"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "ims-na1.adobelogin.com"),
        ("url", "http://host/?secret=1"),
        ("token_path", "ims/token/v3"),
        ("client_id", ""),
        ("client_secrets", []),
        ("client_secrets", ["env:A", "env:B", "env:C"]),
        ("client_secrets", ["a-literal-secret"]),
        ("scopes", ["openid,session"]),
        ("unknown", 1),
    ],
)
def test_a_setting_outside_its_domain_is_refused_and_its_value_not_shown(name, value):
    settings = {"client_id": "client", "client_secrets": ["env:SECRET"], name: value}
    with pytest.raises(ValidationError) as raised:
        ImsSettings.model_validate(settings)
    assert raised.value.errors()[0]["loc"][0] == name
    assert "a-literal-secret" not in str(raised.value)
