from __future__ import annotations

import pytest
from audience_gateway.sdk import Capability, ConfigError, DataSource, capabilities
from audience_gateway_campaign import CampaignConnector, CampaignSettings, plugin
from audience_gateway_campaign.reconciliation_key import ReconciliationKey, reconciliation_key
from pydantic import ValidationError

NATIVE = {"url": "https://campaign.example.org", "user": "gw_api", "password": "env:PASSWORD"}


def test_a_native_operator_needs_address_user_and_password():
    settings = CampaignSettings.model_validate(NATIVE)
    assert (settings.page_rows, settings.write_rows, settings.opt_out_attributes) == (500, 500, ("@blackList",))


def test_ims_credentials_stand_instead():
    settings = CampaignSettings.model_validate({"url": "https://campaign.example.org:8443", "credentials": "ims"})
    assert settings.place == "campaign.example.org:8443"


@pytest.mark.parametrize(
    "changes",
    [
        {"credentials": "ims"},
        {"user": ""},
        {"password": None},
        {"user": "", "password": None},
        {"password": "a-literal-password"},
        {"url": "campaign.example.org"},
        {"url": "https://user:secret@campaign.example.org"},
        {"url": "https://campaign.example.org/?a=b"},
        {"page_rows": 501},
        {"page_rows": 0},
        {"concurrency": 0},
        {"opt_out_attributes": ["blackList"]},
        {"opt_out_attributes": ["@a', '"]},
        {"membership_list_key": "list-id"},
        {"unknown": 1},
    ],
)
def test_a_setting_outside_its_domain_is_refused_and_its_value_not_shown(changes):
    with pytest.raises(ValidationError) as raised:
        CampaignSettings.model_validate(NATIVE | changes)
    assert "a-literal-password" not in str(raised.value)
    assert "secret@" not in str(raised.value)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("@email", ReconciliationKey("@email", in_tracking_logs=False)),
        ("[@email]", ReconciliationKey("@email", in_tracking_logs=False)),
        ("@crm-id", ReconciliationKey("[@crm-id]", in_tracking_logs=False)),
        ("[location/@zipCode]", ReconciliationKey("[location/@zipCode]", in_tracking_logs=False, behind_link=True)),
        ("[trackingLog/@sourceId]", ReconciliationKey("@sourceId", in_tracking_logs=True)),
    ],
)
def test_reconciliation_keys(key, expected):
    assert reconciliation_key(DataSource(name="s", id_type="t", reconciliation_key=key)) == expected


@pytest.mark.parametrize("key", ["", "email", "@email = 'x'", "@a, @b", "Lower(@email)"])
def test_what_is_no_attribute_is_no_reconciliation_key(key):
    with pytest.raises(ConfigError) as raised:
        reconciliation_key(DataSource(name="crm", id_type="t", reconciliation_key=key))
    assert raised.value.place == "data_sources.crm.reconciliation_key"


def test_another_targeting_dimension_is_refused():
    source = DataSource(name="crm", id_type="t", targeting_dimension="nms:visitor", reconciliation_key="@email")
    with pytest.raises(ConfigError) as raised:
        reconciliation_key(source)
    assert raised.value.place == "data_sources.crm.targeting_dimension"


def test_the_plugin_adds_the_connector_with_all_it_can():
    specs = []

    class Registry:
        add_connector = staticmethod(specs.append)

    plugin.register_connectors(Registry())
    (spec,) = specs
    assert (spec.name, spec.settings, spec.connector) == ("campaign", CampaignSettings, CampaignConnector)
    assert capabilities(spec.connector) == set(Capability) - {
        Capability.REPLACE_MEMBERS,
        Capability.FIND_MEMBERS,
        Capability.POLL_ARRIVALS,
        Capability.RECEIVE_PUSHES,
        Capability.READ_ATTRIBUTES,
        Capability.WRITE_ATTRIBUTES,
    }
