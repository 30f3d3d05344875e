"""A bucket behaves the same in a directory and on S3."""

import boto3
import pytest
from audience_gateway_sandbox.people import Buckets, open_bucket
from moto.server import ThreadedMotoServer


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["file", "s3"])
def bucket(request, tmp_path, monkeypatch):
    if request.param == "file":
        return open_bucket((tmp_path / "drop here").as_uri())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3"))
    client = boto3.client("s3", region_name="us-east-1", endpoint_url=request.getfixturevalue("s3"))
    client.create_bucket(Bucket="shared-audiences")
    client.close()
    return open_bucket("s3://shared-audiences/campaign")


def test_what_is_put_is_got_and_listed_in_order(bucket):
    bucket.put("date=2026-01-01/b.gz", b"\x00\xff")
    bucket.put("a.info", b"{}")
    assert bucket.get("date=2026-01-01/b.gz") == b"\x00\xff"
    assert [(file.key, file.size) for file in bucket.files()] == [("a.info", 2), ("date=2026-01-01/b.gz", 2)]


def test_another_content_is_another_version(bucket):
    bucket.put("same.gz", b"1")
    before = bucket.files()[-1]
    bucket.put("same.gz", b"22")
    assert bucket.files()[-1] != before


def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_error(bucket):
    bucket.put("gone.gz", b"1")
    for _ in range(2):
        bucket.delete("gone.gz")
        assert "gone.gz" not in [file.key for file in bucket.files()]


@pytest.mark.parametrize("name", [".a.gz.part", "a.gz.part", "a.tmp", "day/.hidden"])
def test_temporary_names_are_not_listed(bucket, name):
    before = bucket.files()
    bucket.put(name, b"")
    assert bucket.files() == before


def test_an_absent_file_is_an_os_error(bucket):
    with pytest.raises(OSError, match="absent"):
        bucket.get("absent")


def test_buckets_are_named_after_campaigns_external_accounts(tmp_path):
    buckets = Buckets.below(tmp_path)
    assert buckets.addresses["importSharedAudience"] == (tmp_path / "importSharedAudience").as_uri()
    assert (tmp_path / "exportSharedAudience").is_dir()


@pytest.mark.parametrize("address", ["ftp://host/x", "file://host/x", "drops", "s3://"])
def test_what_is_no_bucket_is_refused(address):
    with pytest.raises(ValueError, match="is no bucket"):
        open_bucket(address)
