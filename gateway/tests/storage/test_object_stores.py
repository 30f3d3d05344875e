"""What is particular to S3 and Azure Blob: encryption, signatures and rights."""

from __future__ import annotations

from uuid import uuid4

import pytest
from audience_gateway.sdk import AuthError, Secret
from audience_gateway.storage import open_bucket
from audience_gateway.storage.bucket_credentials import AwsKeys, AzureKey
from pydantic import ValidationError


@pytest.fixture
def name() -> str:
    return f"drops-{uuid4().hex}"


@pytest.mark.parametrize(("encryption", "key"), [("AES256", ""), ("aws:kms", "our-key")])
async def test_s3_is_asked_to_encrypt(s3_server, name, monkeypatch, encryption, key):
    monkeypatch.setenv("S3_SECRET", "test")
    s3_server.create(name)
    keys = AwsKeys(
        access_key_id="test",
        secret_access_key=Secret("env:S3_SECRET"),
        endpoint=s3_server.endpoint,
        server_side_encryption=encryption,
        kms_key_id=key,
    )
    await open_bucket(f"s3://{name}", keys).write("a", b"x")
    stored = s3_server.client().head_object(Bucket=name, Key="a")
    assert (stored["ServerSideEncryption"], stored.get("SSEKMSKeyId", "")) == (encryption, key)


async def test_keys_of_the_environment_are_not_mixed_with_those_of_the_settings(s3_server, name, monkeypatch):
    monkeypatch.setenv("S3_SECRET", "test")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-somebody-else")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    s3_server.create(name)
    keys = AwsKeys(access_key_id="test", secret_access_key=Secret("env:S3_SECRET"), endpoint=s3_server.endpoint)
    assert (await open_bucket(f"s3://{name}", keys).write("a", b"x")).size == 1


async def test_a_shared_access_signature_opens_a_container(azurite_server, name, monkeypatch):
    azurite_server.create(name)
    monkeypatch.setenv("SAS", azurite_server.signature())
    key = AzureKey(account=azurite_server.account, sas_token=Secret("env:SAS"), endpoint=azurite_server.endpoint)
    assert (await open_bucket(f"az://{name}", key).write("a", b"x")).size == 1


async def test_a_wrong_key_is_refused_without_being_named(azurite_server, name, monkeypatch):
    azurite_server.create(name)
    monkeypatch.setenv("AZURE_KEY", "Y2FuYXJ5")
    key = AzureKey(account=azurite_server.account, key=Secret("env:AZURE_KEY"), endpoint=azurite_server.endpoint)
    with pytest.raises(AuthError) as caught:
        await open_bucket(f"az://{name}", key).write("a", b"x")
    assert "Y2FuYXJ5" not in str(caught.value)


def test_a_key_for_encryption_needs_the_encryption_it_is_for():
    with pytest.raises(ValidationError, match="kms_key_id"):
        AwsKeys(access_key_id="a", secret_access_key=Secret("env:A"), kms_key_id="k")


def test_an_azure_account_has_one_way_in():
    with pytest.raises(ValidationError, match="either"):
        AzureKey(account="gateway")
