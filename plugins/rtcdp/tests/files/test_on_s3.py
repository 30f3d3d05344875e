"""Exports in a bucket of S3, read as those in a directory are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from audience_gateway.sdk import Permanent, Secret
from audience_gateway.storage import open_bucket
from audience_gateway.storage.bucket_credentials import AwsKeys


@pytest.fixture
def stored(drops, s3_server, monkeypatch):
    """Drops in a bucket; what is dropped is stored there."""
    name = f"drops-{uuid4().hex}"
    s3_server.create(name)
    monkeypatch.setenv("S3_SECRET", "test")
    keys = AwsKeys(access_key_id="test", secret_access_key=Secret("env:S3_SECRET"), endpoint=s3_server.endpoint)
    drops.bucket = open_bucket(f"s3://{name}/exports", keys)
    drops.settings["folder"] = "%SEGMENT_NAME%/%SEGMENT_ID%"
    drops.now = datetime.now(UTC) + timedelta(hours=1)

    async def store(name, *lines):
        path = drops.drop(f"Gold tier/12341e18-abcd-49c2-836d-123c88e76c39/{name}", *lines)
        await drops.bucket.write(str(path.relative_to(drops.path)), path.read_bytes())
        return path

    return store


async def test_parts_in_a_folder_of_the_audience_are_read(drops, stored):
    await stored(drops.name(suffix="csv.gz"), "crmId,segmentMembership_status", "1,realized", "2,existing")
    await stored(drops.name(part=2, suffix="csv.gz"), "crmId,segmentMembership_status", "3,realized")
    assert await drops.rows() == ["1", "2", "3"]


async def test_a_manifest_beside_them_counts(drops, stored):
    path = await stored(drops.name(), "crmId", "1")
    manifest = drops.manifest(path, **{drops.name(part=2): 8})
    await drops.bucket.write(str(manifest.relative_to(drops.path)), manifest.read_bytes())
    with pytest.raises(Permanent, match="a file that its manifest lists is not there"):
        await drops.check()
    await stored(drops.name(part=2), "crmId", "2")
    assert await drops.rows() == ["1", "2"]


async def test_reading_resumes_in_the_object_that_it_began_with(drops, stored):
    await stored(drops.name(), "crmId", *map(str, range(150_000)))
    first, second = await drops.pages()
    assert [page.members.columns for page in await drops.pages(after=first.resume_token)] == [second.members.columns]
    await stored(drops.name(), "crmId", *map(str, range(150_001)))
    with pytest.raises(Permanent, match="have changed"):
        await drops.pages(after=first.resume_token)
