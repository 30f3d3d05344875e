"""What Managed Cloud Services allow is held before anything is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audience_gateway.sdk import ConfigError, Permanent
from audience_gateway.storage import open_bucket
from audience_gateway_campaign import CampaignSettings
from audience_gateway_campaign.file_workflow_file import file_name
from audience_gateway_campaign.file_workflow_settings import FileWorkflowSettings
from audience_gateway_campaign.v8_limits import require_allowed
from audience_gateway_campaign.v8_settings import ManagedCloudSettings
from pydantic import ValidationError


class Landing:
    """A bucket with files of audiences, and a plan to write one more."""

    def __init__(self, directory: Path) -> None:
        self._bucket = open_bucket(directory.as_uri())
        self._workflow = FileWorkflowSettings(bucket=directory.as_uri(), workflow="wkf")

    async def write(self, audience: str) -> None:
        await self._bucket.write(file_name(audience, "key"), b"id\n")

    async def plan(self, audience: str, *, after_hours: float = 0, **limits: object) -> None:
        now = datetime.now(UTC) + timedelta(hours=after_hours)
        settings = ManagedCloudSettings.model_validate(limits)
        await require_allowed(settings, self._workflow, self._bucket, audience, now)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


async def test_a_first_file_is_allowed(landing):
    await landing.plan("gold")


async def test_three_hours_lie_between_two_files_of_one_audience(landing):
    await landing.write("gold")
    await landing.plan("silver")
    with pytest.raises(Permanent, match="3 h must lie between two"):
        await landing.plan("gold", after_hours=2.9)
    await landing.plan("gold", after_hours=3.1)


async def test_only_so_many_audiences_are_shared(landing):
    for number in range(25):
        await landing.write(f"audience-{number}")
    with pytest.raises(Permanent, match="at most 25"):
        await landing.plan("one-more")
    await landing.plan("audience-3", after_hours=4)
    await landing.plan("one-more", most_audiences=26)


@pytest.mark.parametrize("audience", ["gold & silver", "g" * 250], ids=["a sign", "its length"])
async def test_a_name_that_campaign_would_not_take_is_refused(landing, audience):
    with pytest.raises(ConfigError):
        await landing.plan(audience)


async def test_files_have_only_so_many_columns(tmp_path):
    workflow = FileWorkflowSettings(bucket=tmp_path.as_uri(), workflow="wkf", mode="add_and_remove")
    limits = ManagedCloudSettings(most_fields=1)
    with pytest.raises(ConfigError, match="more than 1 columns"):
        await require_allowed(limits, workflow, open_bucket(tmp_path.as_uri()), "gold", datetime.now(UTC))


async def test_files_of_others_do_not_count(landing, tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.csv").write_text("id\n")
    await landing.plan("gold")


def test_managed_cloud_services_take_ims_tokens_only():
    values = {"url": "https://a.example.org", "user": "a", "password": "env:A", "managed_cloud": {}}
    with pytest.raises(ValidationError, match="take `credentials` only"):
        CampaignSettings.model_validate(values)
