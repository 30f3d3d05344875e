"""Destinations and external audiences over a real S3 server."""

import pytest
from audience_gateway_sandbox.assumptions import Assumptions, PlatformAssumptions

from .activating import activate
from .conftest import Caller
from .test_external_audiences import body, run


@pytest.fixture
def opened(visiting, s3_server, monkeypatch):
    """Start a sandbox whose platform's files are in a bucket on S3."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_server.endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    assumptions = Assumptions(calls_a_minute=0, platform=PlatformAssumptions(adhoc_minutes=0))
    return lambda bucket: visiting(buckets={"platformFiles": f"s3://{bucket}"}, assumptions=assumptions)


async def test_files_are_written_to_and_read_from_a_bucket(opened, s3_server):
    s3_server.create("crm")
    client = s3_server.client()
    async with opened("crm") as guest:
        caller = Caller(guest, await guest.token())
        client.put_object(Bucket="crm", Key="in/people.csv", Body=b"email,score\nada@example.org,7\n")
        answer = await caller.post("/data/core/ais/external-audience/", body())
        await caller.advance(seconds=1)
        address = f"/data/core/ais/external-audience/operations/{answer['operationId']}"
        audience = (await caller.get(address))["audienceId"]
        assert (await run(caller, audience))["recordCounts"]["members"] == 1
        activated = await activate(caller, audience, target={"path": "out"})
        await activated.run_now()
    listed = [each["Key"] for each in client.list_objects_v2(Bucket="crm", Prefix="out/")["Contents"]]
    assert len(listed) == 1
    content = client.get_object(Bucket="crm", Key=listed[0])["Body"].read()
    client.close()
    assert content.decode().splitlines()[1] == "Ada,Lovelace,ada@example.org,realized"


async def test_a_bucket_that_is_away_fails_the_run_and_nothing_else(opened):
    async with opened("absent-bucket") as guest:
        caller = Caller(guest, await guest.token())
        activated = await activate(caller)
        await activated.run_now()
        [metrics] = await activated.runs()
        assert metrics["statusSummary"]["status"] == "failed"
        assert metrics["recordSummary"]["failedRecordCount"] == metrics["recordSummary"]["inputRecordCount"]
