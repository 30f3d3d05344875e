from dataclasses import replace

import pytest
from audience_gateway.sdk import Codec, ConfigError, DataSource, KeyForm, Secret, TextForm, check_codec
from audience_gateway.sdk.codecs.keys import codec_keys

BARE = DataSource(name="crm", id_type="declared_id")
KEY, IV = Secret("env:KEY"), Secret("env:IV")
HMAC = replace(BARE, codec=Codec.HMAC_SHA256, key=KEY)
AES = replace(BARE, codec=Codec.AES_CBC, key=KEY, iv=IV)


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("KEY", "0f" * 32)
    monkeypatch.setenv("IV", "0e" * 16)


@pytest.mark.parametrize("source", [BARE, HMAC, AES, replace(AES, text_form=TextForm.BASE64, pre_encoded=True)])
def test_what_a_codec_uses_is_accepted(source):
    check_codec(source)


@pytest.mark.parametrize(
    ("source", "setting"),
    [
        (replace(HMAC, key=None), "key"),
        (replace(AES, key=None), "key"),
        (replace(AES, iv=None), "iv"),
        (replace(HMAC, iv=IV), "iv"),
        (replace(BARE, key=KEY), "key"),
        (replace(BARE, codec=Codec.SHA256, key=KEY), "key"),
        (replace(HMAC, text_form=TextForm.BASE64), "text_form"),
        (replace(BARE, pre_encoded=True), "pre_encoded"),
    ],
)
def test_what_is_missing_or_useless_is_refused(source, setting):
    with pytest.raises(ConfigError) as refusal:
        check_codec(source)
    assert refusal.value.place == f"data_sources.crm.{setting}"


def test_secrets_are_not_fetched_to_check(monkeypatch):
    monkeypatch.delenv("KEY")
    check_codec(HMAC)
    with pytest.raises(ConfigError, match="not set"):
        codec_keys(HMAC)


@pytest.mark.parametrize("length", [16, 24, 32])
def test_keys_of_aes_have_three_lengths(monkeypatch, length):
    monkeypatch.setenv("KEY", "0f" * length)
    assert len(codec_keys(AES).key) == length


@pytest.mark.parametrize(
    ("variable", "text", "source"),
    [
        ("KEY", "0f" * 15, AES),
        ("KEY", "0f" * 33, AES),
        ("KEY", "no hex at all", AES),
        ("KEY", "0f" * 32, replace(AES, key_form=KeyForm.UTF8)),
        ("KEY", "%%%%", replace(HMAC, key_form=KeyForm.BASE64)),
        ("IV", "0e" * 12, AES),
    ],
)
def test_a_secret_that_does_not_fit_is_refused_and_not_shown(monkeypatch, variable, text, source):
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigError) as refusal:
        codec_keys(source)
    assert refusal.value.place == f"data_sources.crm.{variable.lower()}"
    assert text not in f"{refusal.value!r} {refusal.value.message} {refusal.value.remedy}"


def test_nothing_shows_keys():
    shown = f"{AES!r} {codec_keys(AES)!r} {codec_keys(AES)}"
    assert "0f0f" not in shown
    assert "\\x0f" not in shown
