"""Keys that the gateway makes for itself outlive it; a key of the settings goes before."""

from __future__ import annotations

import stat

import pytest
from audience_gateway.sdk import ConfigError, Secret
from audience_gateway.server import kept_keys
from audience_gateway.server.settings import ReceiptSettings
from audience_gateway.transfers.signing import SigningKey


def test_the_kept_key_is_the_same_after_a_restart_and_readable_by_its_owner_only(tmp_path):
    first = kept_keys.receipt_key(tmp_path, ReceiptSettings())
    again = kept_keys.receipt_key(tmp_path, ReceiptSettings())
    assert first.verifying.id == again.verifying.id
    assert stat.S_IMODE((tmp_path / "receipt.key").stat().st_mode) == 0o600


def test_a_key_of_the_settings_is_used(tmp_path, monkeypatch):
    key = SigningKey.new()
    monkeypatch.setenv("RECEIPT_KEY", key.to_pem().decode())
    used = kept_keys.receipt_key(tmp_path, ReceiptSettings(signing_key=Secret("env:RECEIPT_KEY")))
    assert (used.verifying.id, list(tmp_path.iterdir())) == (key.verifying.id, [])


def test_a_setting_that_is_no_key_is_refused_without_showing_it(tmp_path, monkeypatch):
    monkeypatch.setenv("RECEIPT_KEY", "hunter2")
    with pytest.raises(ConfigError, match=r"receipts\.signing_key") as raised:
        kept_keys.receipt_key(tmp_path, ReceiptSettings(signing_key=Secret("env:RECEIPT_KEY")))
    assert "hunter2" not in str(raised.value)
