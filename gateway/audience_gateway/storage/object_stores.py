"""S3 and Azure Blob: what obstore is told about them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.store import AzureStore, S3Store

from audience_gateway.storage.bucket_credentials import AwsKeys, AzureKey

if TYPE_CHECKING:
    from obstore.store import AzureConfig, ClientConfig, RetryConfig, S3Config, S3Credential

_RETRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a remote store is waited for, in seconds.

    Attributes:
        connect: for a connection.
        read: between two reads; also how long a request that failed is tried again.
        call: for one request in all.
    """

    connect: float = 10.0
    read: float = 60.0
    call: float = 600.0


def s3_store(name: str, prefix: str, keys: AwsKeys | None, waits: Waits) -> S3Store:
    """The store of an S3 bucket; without keys, endpoint, region and keys are those of the AWS environment variables."""
    if keys is None:
        return S3Store(
            name,
            prefix=prefix or None,
            client_options=_client(os.environ.get("AWS_ENDPOINT_URL", ""), waits),
            retry_config=_retries(waits),
        )
    config: S3Config = {"region": keys.region}
    if keys.endpoint:
        config["endpoint"] = keys.endpoint
    if keys.server_side_encryption:
        config["server_side_encryption"] = keys.server_side_encryption
    if keys.kms_key_id:
        config["sse_kms_key_id"] = keys.kms_key_id
    return S3Store(
        name,
        prefix=prefix or None,
        config=config,
        client_options=_client(keys.endpoint, waits),
        retry_config=_retries(waits),
        credential_provider=lambda: _s3_credential(keys),  # so that a token of the environment is not mixed in
    )


def azure_store(container: str, prefix: str, key: AzureKey | None, waits: Waits) -> AzureStore:
    """The store of a container; without a key, account and key are those of the Azure environment variables."""
    config: AzureConfig = {}
    if key is not None:
        config["account_name"] = key.account
        if key.endpoint:
            config["endpoint"] = key.endpoint
        if key.key is not None:
            config["account_key"] = key.key.reveal()
        if key.sas_token is not None:
            config["sas_key"] = key.sas_token.reveal()
    endpoint = key.endpoint if key else os.environ.get("AZURE_STORAGE_ENDPOINT", "")
    return AzureStore(
        container,
        prefix=prefix or None,
        config=config,
        client_options=_client(endpoint, waits),
        retry_config=_retries(waits),
    )


def _s3_credential(keys: AwsKeys) -> S3Credential:
    return {
        "access_key_id": keys.access_key_id,
        "secret_access_key": keys.secret_access_key.reveal(),
        "token": keys.session_token.reveal() if keys.session_token else None,
        "expires_at": None,
    }


def _client(endpoint: str, waits: Waits) -> ClientConfig:
    return {
        "allow_http": endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=waits.connect),
        "read_timeout": timedelta(seconds=waits.read),
        "timeout": timedelta(seconds=waits.call),
    }


def _retries(waits: Waits) -> RetryConfig:
    return {"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=waits.read)}
