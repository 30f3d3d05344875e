"""The data sources of the page on id types and codecs: what the page says of each becomes of its ids."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pyarrow as pa
import pytest
from audience_gateway.identity.normalisation import normalise
from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.resolution import resolve
from audience_gateway.sdk import encode
from audience_gateway.server import settings
from pages import DOCS, blocks

KEY = bytes(range(16))


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """Value or reason of each id of a data source of the page."""
    monkeypatch.setenv("CRM_KEY", KEY.hex())
    monkeypatch.setenv("CRM_IV", KEY.hex())
    (tmp_path / "crm-key").write_text("a text\n")
    page = "\n".join(block.text for block in blocks(DOCS / "how-to" / "choose-id-types-and-codecs.md", "toml"))
    (tmp_path / "gateway.toml").write_text(page.replace("/run/secrets", str(tmp_path)), encoding="utf-8")
    loaded = settings.load(tmp_path / "gateway.toml")
    registry = load(installed())
    sources = resolve(registry, {}, {}, loaded.data_sources).data_sources

    def judge(name, *ids, encoded=False):
        source = sources[name]
        strategy = registry.reconcilers[source.id_type].value
        answer = normalise(strategy, pa.array(ids, pa.string()), source, encoded=encoded)
        return _first(answer.values, answer.reasons)

    judge.sources = sources
    return judge


def _first(values, reasons):
    return [value or reason for value, reason in zip(values.to_pylist(), reasons.to_pylist(), strict=True)]


def test_addresses_meet_their_hashes(judged):
    code = hashlib.sha256(b"ada@example.org").hexdigest()
    assert judged("email-sha256", " Ada@example.org") == judged("email-sha256", code.upper(), encoded=True) == [code]


def test_stored_hashes_are_not_hashed_again(judged):
    code = hashlib.sha256(b"ada@example.org").hexdigest()
    assert judged("stored-hashes", code.upper()) == [code]


def test_the_key_of_a_hash_may_be_a_text(judged):
    assert judged("crm-keyed", "4711") == [hmac.new(b"a text", b"4711", "sha256").hexdigest()]


def test_encrypted_ids_are_base64_where_the_page_says_so(judged):
    (code,) = judged("crm-encrypted", "4711")
    assert len(base64.b64decode(code, validate=True)) == 16
    assert judged("crm-encrypted", code, encoded=True) == [code]
    assert encode(judged.sources["crm-encrypted"], pa.array(["4711"])).to_pylist() == [code]


def test_the_devices_of_the_page_are_written_in_upper_case(judged):
    device = "A53CC5A2-6AA1-4210-8DED-A88B29B6212A"
    assert judged("iphones", device, device.lower()) == [device, "wrong_case"]
