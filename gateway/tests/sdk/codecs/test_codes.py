import base64
import os
from dataclasses import replace

import pyarrow as pa
import pytest
from audience_gateway.sdk import (
    Codec,
    ConfigError,
    DataSource,
    KeyForm,
    Secret,
    TextForm,
    canonical_codes,
    decode,
    encode,
)
from audience_gateway.sdk.codecs.utf8 import to_utf8
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

any_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=TextForm)
def source(request, tmp_path):
    (tmp_path / "key").write_text(os.urandom(32).hex() + "\n")
    (tmp_path / "iv").write_text(os.urandom(16).hex())
    return DataSource(
        name="crm",
        id_type="declared_id",
        codec=Codec.AES_CBC,
        key=Secret(f"file:{tmp_path / 'key'}"),
        iv=Secret(f"file:{tmp_path / 'iv'}"),
        text_form=request.param,
    )


@any_fixture
@given(values=st.lists(st.none() | st.text(max_size=50)))
def test_what_is_encrypted_is_canonical_and_leads_back(source, values):
    codes = encode(source, pa.array(values, pa.string()))
    assert canonical_codes(source, codes).equals(codes)
    assert decode(source, codes).to_pylist() == values


@any_fixture
@given(texts=st.lists(st.none() | st.text() | st.text("0123456789abcdefABCDEF=/+", min_size=20, max_size=70)))
def test_any_text_has_a_code_that_is_canonical_or_none(source, texts):
    codes = canonical_codes(source, pa.array(texts, pa.string()))
    assert len(codes) == len(texts)
    assert canonical_codes(source, codes).equals(codes)
    assert len(decode(source, codes)) == len(texts)


@pytest.mark.parametrize("length", [0, 1, 15, 17, 31, 33])
def test_a_code_stands_for_whole_blocks(source, length):
    value = os.urandom(length)
    text = value.hex() if source.text_form is TextForm.HEX else base64.b64encode(value).decode()
    assert canonical_codes(source, pa.array([text])).to_pylist() == [None]


def test_base64_has_one_text_for_one_code(source):
    source = replace(source, text_form=TextForm.BASE64)
    (code,) = encode(source, pa.array(["rcp-0042"])).to_pylist()
    assert code.endswith("==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = code[:-3] + alphabet[alphabet.index(code[-3]) + 1] + "=="
    assert base64.b64decode(twin) == base64.b64decode(code)
    assert canonical_codes(source, pa.array([twin, code.rstrip("="), f" {code}\n"])).to_pylist() == [None, None, code]


@given(st.lists(st.none() | st.binary(max_size=6) | st.text(max_size=6).map(str.encode)))
def test_text_is_what_decodes(values):
    def decoded(value):
        try:
            return None if value is None else value.decode()
        except UnicodeDecodeError:
            return None

    assert to_utf8(pa.array(values, pa.binary())).to_pylist() == [decoded(value) for value in values]


@pytest.mark.parametrize(
    ("form", "text", "length"),
    [(KeyForm.HEX, "00" * 32, 32), (KeyForm.BASE64, "AAAA" * 8, 24), (KeyForm.UTF8, "sixteen letters!", 16)],
)
def test_keys_are_written_in_one_of_three_forms(monkeypatch, form, text, length):
    monkeypatch.setenv("KEY", text)
    source = DataSource(
        name="crm", id_type="declared_id", codec=Codec.HMAC_SHA256, key=Secret("env:KEY"), key_form=form
    )
    by_bytes = DataSource(name="crm", id_type="declared_id", codec=Codec.HMAC_SHA256, key=Secret("env:HEX"))
    monkeypatch.setenv("HEX", (text.encode() if form is KeyForm.UTF8 else bytes(length)).hex())
    assert encode(source, pa.array(["a"])).equals(encode(by_bytes, pa.array(["a"])))


def test_a_rotated_key_is_seen_at_the_next_call(monkeypatch):
    source = DataSource(name="crm", id_type="declared_id", codec=Codec.HMAC_SHA256, key=Secret("env:KEY"))
    monkeypatch.setenv("KEY", "00")
    before = encode(source, pa.array(["a"]))
    monkeypatch.setenv("KEY", "01")
    assert not encode(source, pa.array(["a"])).equals(before)


def test_a_key_that_is_gone_is_an_error_that_does_not_show_it(monkeypatch):
    monkeypatch.delenv("KEY", raising=False)
    source = DataSource(name="crm", id_type="declared_id", codec=Codec.HMAC_SHA256, key=Secret("env:KEY"))
    with pytest.raises(ConfigError) as refusal:
        encode(source, pa.array(["a"]))
    assert refusal.value.place == "env:KEY"
