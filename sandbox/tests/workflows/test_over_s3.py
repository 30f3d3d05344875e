"""The same way over S3: out of a bucket into a list, and out of the list into another bucket."""

import gzip

import boto3
import pytest
from moto.server import ThreadedMotoServer


@pytest.fixture
def s3(monkeypatch):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    client = boto3.client("s3", region_name="us-east-1", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket="shared")
    yield client
    client.close()
    server.stop()


def contents(s3, prefix):
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="shared", Prefix=prefix).get("Contents", [])]
    return {key: s3.get_object(Bucket="shared", Key=key)["Body"].read() for key in keys}


async def test_a_drop_in_a_bucket_fills_a_list_and_the_list_another_bucket(visiting, s3):
    buckets = {"importSharedAudience": "s3://shared/in", "exportSharedAudience": "s3://shared/out"}
    async with visiting(buckets=buckets) as guest:
        assert guest.ready["buckets"]["importSharedAudience"] == "s3://shared/in"
        assert len(contents(s3, "in/S3_4711_38888_full_")) == 2
        database = guest.sandbox.instance.campaign.database
        with database:
            database.execute(
                "INSERT INTO list_group (id, name, shared_audience_id, data_source_id) VALUES (7, 'gold', 24, 1)"
            )
        await guest.post("/sandbox/clock", {"advance_seconds": 3600})
        (members,) = database.execute("SELECT count(*) FROM membership WHERE group_id = 7").fetchone()
        assert members > 20
        await guest.post("/sandbox/workflows/wkfAudienceExport/events", {"listName": "gold", "audienceId": "55"})
        await guest.post("/sandbox/clock", {"advance_seconds": 3600})
        [(key, content)] = contents(s3, "out/").items()
        assert "/ftp_dpm_38888_" in key
        assert all(line.endswith(b"\td_sid=55") for line in gzip.decompress(content).splitlines())


async def test_what_is_no_bucket_is_refused(visiting):
    with pytest.raises(ValueError, match="is no bucket"):
        async with visiting(buckets={"importSharedAudience": "ftp://x/y"}):
            pass
