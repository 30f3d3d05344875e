"""What the transport `bucket` is configured with (campaign 1.2, 1.6)."""

from __future__ import annotations

from typing import Literal

from audience_gateway.sdk import AudienceId, Folder, Settings
from audience_gateway.sdk.audience_manager.shared_audience_settings import SharedAudienceSettings
from pydantic import Field


class SharedAudience(SharedAudienceSettings):
    """One shared audience: nothing in the buckets names it, so its ids stand here."""

    segment_id: int = Field(0, ge=0, description="Segment that a list of Campaign is bound to; 0 if it is not written.")
    trait_id: int = Field(0, ge=0, description="Trait that Campaign's exports bear; 0 if it is not read.")


class BucketSettings(Settings):
    """The buckets of the external accounts `importSharedAudience` and `exportSharedAudience`.

    Campaign documents neither what is in the files nor how they are named: what is assumed about it stands here.
    """

    import_bucket: str = Field(min_length=1, description="What Campaign reads: the bucket of `importSharedAudience`.")
    export_bucket: str = Field(min_length=1, description="What Campaign writes: the bucket of `exportSharedAudience`.")
    import_credentials: str = Field("", description="Name of `[credentials.*]` that opens the import bucket.")
    export_credentials: str = Field("", description="Name of `[credentials.*]` that opens the export bucket.")
    import_prefix: Folder = Field("", description="Folder of the import bucket that is written to, with a slash.")
    export_prefix: Folder = Field("", description="Folder of the export bucket that is read, likewise.")
    audiences: dict[AudienceId, SharedAudience] = Field(
        default_factory=dict, description="The shared audiences by their ids."
    )
    part_rows: int = Field(1_000_000, ge=1, description="Lines of one part of a batch that Campaign reads.")
    sync_type: Literal["S3", "ftp"] = Field("S3", description="How names of files that Campaign reads begin.")
    timestamp_digits: Literal[10, 13] = Field(13, description="Timestamp of these names: seconds or milliseconds.")
    control_file: bool = Field(True, description="Whether a batch has a control file (`.info`) that lists its parts.")
    keep_other_segments: bool = Field(
        True,
        description="Whether a batch repeats what the newest one says of other segments, for it replaces all of them.",
    )
    parts_follow: bool = Field(
        True, description="Whether numbers of parts that Campaign writes follow one another: a gap means a late part."
    )
    settle_seconds: float = Field(
        0, ge=0, description="How long a file of Campaign's must lie unchanged before it is read."
    )
