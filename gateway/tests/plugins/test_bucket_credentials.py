"""A plugin names the credentials of a bucket; the gateway opens it with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from audience_gateway.plugins.configuration import CredentialConfiguration
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.resolution import resolve
from audience_gateway.sdk import ConfigError, Context
from audience_gateway.storage import open_bucket


@pytest.fixture
async def context(s3_server, monkeypatch) -> AsyncIterator[Context]:
    monkeypatch.setenv("S3_SECRET", "test")
    credentials = {
        "drops": CredentialConfiguration(
            provider="aws_keys",
            settings={"access_key_id": "a", "secret_access_key": "env:S3_SECRET", "endpoint": s3_server.endpoint},
        ),
        "ims": CredentialConfiguration(
            provider="ims", settings={"client_id": "gateway", "client_secrets": ["env:S3_SECRET"]}
        ),
    }
    registry = load(point for point in installed() if point.name in {"buckets", "ims"})
    async with Connections(registry, resolve(registry, {}, credentials, {}), open_bucket) as connections:
        yield connections._context("any")


async def test_a_bucket_is_opened_by_the_credentials_that_are_named(context, s3_server):
    s3_server.create("named-credentials")
    await context.bucket("s3://named-credentials", "drops").write("a", b"x")
    assert s3_server.client().head_object(Bucket="named-credentials", Key="a")["ContentLength"] == 1


def test_credentials_of_another_kind_open_no_bucket(context):
    with pytest.raises(ConfigError, match="provider `ims` open no buckets"):
        context.bucket("s3://bucket", "ims")


def test_credentials_of_a_bucket_supply_no_tokens(context):
    with pytest.raises(ConfigError, match="supply no tokens"):
        context.credentials("drops")


def test_credentials_that_are_not_there_are_named(context):
    with pytest.raises(ConfigError, match="configured are: drops, ims"):
        context.bucket("s3://bucket", "other")
