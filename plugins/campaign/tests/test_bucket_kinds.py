"""Batches are the same in every kind of bucket that an external account of Campaign may have."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from audience_gateway.sdk import Bucket, DataSource, ReadRequest, Secret, TargetBatch
from audience_gateway.storage import BucketCredentials, open_bucket
from audience_gateway.storage.bucket_credentials import AwsKeys, AzureKey, SftpLogin
from audience_gateway_campaign import CampaignSettings
from audience_gateway_campaign.bucket_connector import BucketCampaign
from audience_gateway_campaign.plugin import connector_of

SOURCE = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=38888, aam_destination_id=4711)


@dataclass
class Desk:
    """The gateway's side of the connection: it has credentials of the name `account`."""

    account: BucketCredentials
    name: str = "campaign"

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        return open_bucket(url, {"account": self.account}[credentials])

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def s3(s3_server, monkeypatch) -> tuple[str, BucketCredentials]:
    monkeypatch.setenv("S3_SECRET", "test")
    name = f"campaign-{uuid4().hex}"
    s3_server.create(name)
    keys = AwsKeys(
        access_key_id="test",
        secret_access_key=Secret("env:S3_SECRET"),
        endpoint=s3_server.endpoint,
        server_side_encryption="AES256",
    )
    return f"s3://{name}", keys


@pytest.fixture
def az(azurite_server, monkeypatch) -> tuple[str, BucketCredentials]:
    monkeypatch.setenv("AZURE_KEY", azurite_server.key)
    name = f"campaign-{uuid4().hex}"
    azurite_server.create(name)
    key = AzureKey(account=azurite_server.account, key=Secret("env:AZURE_KEY"), endpoint=azurite_server.endpoint)
    return f"az://{name}", key


@pytest.fixture
def sftp(ssh_server, tmp_path) -> tuple[str, BucketCredentials]:
    login = SftpLogin(private_key=Secret(f"file:{ssh_server.directory}/user"), host_keys=(ssh_server.host_key,))
    return ssh_server.url(tmp_path), login


@pytest.mark.parametrize("kind", ["s3", "az", "sftp"])
async def test_what_is_written_and_what_is_exported(kind, request):
    url, account = request.getfixturevalue(kind)
    connector = _connector(url, Desk(account))

    async def batches() -> AsyncIterator[TargetBatch]:
        yield TargetBatch.of(["a", "b", "c"])

    await connector.replace_members("gold", SOURCE, batches(), "key")
    bucket = open_bucket(f"{url}/import", account)
    keys = [one.key async for one in bucket.list()]
    assert len(keys) == 3
    parts = [key for key in keys if key.endswith(".gz")]
    assert [gzip.decompress(await _content(bucket, key)) for key in sorted(parts, key=len)] == [
        b"a\t24\nb\t24\n",
        b"c\t24\n",
    ]

    exports = open_bucket(f"{url}/export", account)
    await exports.write("date=2026-01-02/ftp_dpm_38888_1767312000.sync.gz", gzip.compress(b"a\td_sid=1024\n"))
    read = connector.read_members(ReadRequest(audience="gold", source=SOURCE))
    assert [row["id"] async for page in read for row in page.members.columns.to_pylist()] == ["a"]


def _connector(url: str, desk: Desk) -> BucketCampaign:
    bucket = {
        "import_bucket": f"{url}/import",
        "export_bucket": f"{url}/export",
        "import_credentials": "account",
        "export_credentials": "account",
        "part_rows": 2,
        "audiences": {"gold": {"segment_id": 24, "trait_id": 1024}},
    }
    connector = connector_of(CampaignSettings.model_validate({"transport": "bucket", "bucket": bucket}), desk)  # type: ignore[arg-type]  # buckets are all that it asks for
    assert isinstance(connector, BucketCampaign)
    return connector


async def _content(bucket: Bucket, key: str) -> bytes:
    return b"".join([piece async for piece in bucket.read(key)])
