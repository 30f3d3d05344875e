"""Holds an audience against what Managed Cloud Services allow, before anything is read (campaign 2.3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from audience_gateway.sdk import Bucket, ConfigError, Permanent

from audience_gateway_campaign.file_workflow_file import audience_of, columns, file_name, stem_of
from audience_gateway_campaign.file_workflow_settings import FileWorkflowSettings
from audience_gateway_campaign.v8_settings import ManagedCloudSettings


async def require_allowed(
    limits: ManagedCloudSettings, settings: FileWorkflowSettings, bucket: Bucket, audience: str, now: datetime
) -> None:
    """Raise ConfigError or Permanent for what Campaign would refuse or lose."""
    place = f"audiences/{audience}"
    if forbidden := sorted(set(limits.forbidden_in_names) & set(audience)):
        raise ConfigError(
            f"the name has a character that Managed Cloud Services do not take: {' '.join(forbidden)}",
            place=place,
            remedy="Give the audience another name.",
        )
    if len(file_name(audience, "")) > limits.longest_file_name:
        raise ConfigError("the name is too long for a file's", place=place, remedy="Give the audience a shorter name.")
    if len(columns(settings)) > limits.most_fields:
        raise ConfigError(f"a file has more than {limits.most_fields} columns", place=place)
    newest: dict[str, datetime] = {}
    async for stored in bucket.list(settings.prefix):
        if stem := audience_of(stored.key):
            newest[stem] = max(stored.modified, newest.get(stem, stored.modified))
    stem = stem_of(audience)
    if len(newest.keys() | {stem}) > limits.most_audiences:
        raise Permanent(
            f"files of {len(newest)} audiences are in the bucket already, at most {limits.most_audiences} are taken",
            place=place,
            remedy="Share fewer audiences, or remove files of those that are shared no longer.",
        )
    interval = timedelta(hours=limits.interval_hours)
    if stem in newest and now - newest[stem] < interval:
        raise Permanent(
            f"the last file was written at {newest[stem]:%Y-%m-%d %H:%M} UTC,"
            f" and {limits.interval_hours:g} h must lie between two",
            place=place,
            remedy="Share it later, or less often.",
        )
