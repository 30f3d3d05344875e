"""A bucket behaves the same in a local directory, on S3, in Azure Blob and on an SFTP server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from audience_gateway.sdk import Bucket, ConfigError, Permanent, Secret, Transient
from audience_gateway.storage import open_bucket
from audience_gateway.storage.bucket_credentials import AwsKeys, AzureKey, SftpLogin


@pytest.fixture(params=["file", "s3", "az", "sftp"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    name = f"drops-{uuid4().hex}"
    if request.param == "file":
        return open_bucket(f"file://{tmp_path}/drop")
    if request.param == "sftp":
        server = request.getfixturevalue("ssh_server")
        login = SftpLogin(private_key=Secret(f"file:{server.directory}/user"), host_keys=(server.host_key,))
        return open_bucket(server.url(tmp_path / "drop"), login)
    if request.param == "az":
        server = request.getfixturevalue("azurite_server")
        server.create(name)
        monkeypatch.setenv("AZURE_KEY", server.key)
        key = AzureKey(account=server.account, key=Secret("env:AZURE_KEY"), endpoint=server.endpoint)
        return open_bucket(f"az://{name}/prefix", key)
    server = request.getfixturevalue("s3_server")
    server.create(name)
    monkeypatch.setenv("S3_SECRET", "test")
    keys = AwsKeys(access_key_id="test", secret_access_key=Secret("env:S3_SECRET"), endpoint=server.endpoint)
    return open_bucket(f"s3://{name}/prefix", keys)


async def content(bucket: Bucket, key: str, start: int = 0) -> bytes:
    return b"".join([piece async for piece in bucket.read(key, start=start)])


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_what_is_written_is_read(bucket):
    written = await bucket.write("day/a.gz", b"\x00\xff bytes")
    assert (written.key, written.size) == ("day/a.gz", 8)
    assert await content(bucket, "day/a.gz") == b"\x00\xff bytes"


async def test_an_object_may_come_in_pieces(bucket):
    await bucket.write("a", pieces(b"one ", b"two"))
    assert await content(bucket, "a") == b"one two"


async def test_reading_may_start_behind_the_beginning(bucket):
    await bucket.write("a", b"0123456789")
    assert await content(bucket, "a", 7) == b"789"
    assert await content(bucket, "a", 10) == b""


async def test_objects_are_listed_by_prefix_in_order_without_temporary_ones(bucket):
    for key in ("b", "a/2", "a/1", "a/1.part", "a/.1", "a/3.tmp", "ab"):
        await bucket.write(key, b"x")
    assert [one.key async for one in bucket.list()] == ["a/1", "a/2", "ab", "b"]
    assert [one.key async for one in bucket.list("a/")] == ["a/1", "a/2"]
    assert [one.key async for one in bucket.list("a")] == ["a/1", "a/2", "ab"]


async def test_overwriting_replaces_the_whole_object_and_changes_its_etag(bucket):
    before = await bucket.write("a", b"a longer text")
    after = await bucket.write("a", b"short")
    assert await content(bucket, "a") == b"short"
    assert before.etag != after.etag


async def test_a_failed_write_leaves_the_object_as_it_was(bucket):
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("cut")

    await bucket.write("a", b"whole")
    with pytest.raises((RuntimeError, Transient)):
        await bucket.write("a", broken())
    assert await content(bucket, "a") == b"whole"


async def test_a_directory_is_made_by_writing_and_not_by_reading(tmp_path):
    bucket = open_bucket(f"file://{tmp_path}/drop")
    assert [one async for one in bucket.list()] == []
    assert await bucket.head("a") is None
    await bucket.delete("a")
    with pytest.raises(Permanent, match="no such object"):
        await content(bucket, "a")
    assert not (tmp_path / "drop").exists()
    await bucket.write("a", b"x")
    assert (tmp_path / "drop" / "a").read_bytes() == b"x"


async def test_deleting_is_no_error_when_there_is_nothing(bucket):
    await bucket.write("a", b"x")
    await bucket.delete("a")
    await bucket.delete("a")
    assert await bucket.head("a") is None


async def test_an_absent_object_is_a_permanent_error_that_names_it(bucket):
    with pytest.raises(Permanent, match="nothing-here") as caught:
        await content(bucket, "nothing-here")
    assert "no such object" in caught.value.message


@pytest.mark.parametrize("key", ["../a", "/etc/passwd", "a/../../b", "", "."])
async def test_a_key_cannot_lead_out_of_the_bucket(bucket, key):
    with pytest.raises(Permanent, match="leads out"):
        await bucket.write(key, b"x")


async def test_a_large_object_arrives_whole(bucket):
    large = bytes(range(256)) * 80_000
    await bucket.write("large", pieces(large[:7], large[7:]))
    assert await content(bucket, "large") == large


@pytest.mark.parametrize(
    "url",
    ["ftp://host/a", "file://host/a", "nothing", "s3:///x", "az:///x", "sftp://host/no-user", "sftp://a@h:99999/"],
)
def test_other_addresses_are_refused(url):
    with pytest.raises(ConfigError, match="allowed: file:///directory, s3://bucket/prefix, az://"):
        open_bucket(url)


@pytest.mark.parametrize("url", ["file:///a", "s3://a", "az://a"])
def test_credentials_open_buckets_of_their_kind_only(url):
    with pytest.raises(ConfigError, match="do not open buckets of this kind"):
        open_bucket(url, SftpLogin(password=Secret("env:PASSWORD")))


async def test_s3_takes_what_the_environment_has(s3_server, monkeypatch):
    s3_server.create("from-the-environment")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    bucket = open_bucket("s3://from-the-environment")
    await bucket.write("a", b"x")
    assert await content(bucket, "a") == b"x"


async def test_a_store_that_does_not_answer_is_a_transient_error(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(Transient):
        await open_bucket("s3://bucket").head("a")


def test_the_library_of_sftp_is_loaded_for_buckets_that_are_reached_by_it():
    program = (
        "import sys; from audience_gateway.storage import open_bucket\n"
        "for url in ('file:///tmp', 'sftp://ada@example.org/drops'):\n"
        "    open_bucket(url); print('asyncssh' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert printed.split() == ["False", "True"]
