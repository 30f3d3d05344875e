"""Where files go in and come out (audience-manager 3.1, 4)."""

from __future__ import annotations

from typing import Literal, Self

from audience_gateway.sdk import Bucket, Folder, Settings
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_names import DEFAULT_LAYOUT, NameTemplate, SyncMode
from pydantic import Field, model_validator


class InboundSettings(Settings):
    """The bucket that Audience Manager takes files from."""

    bucket: str = Field(min_length=1, description="Address, e.g. `s3://demdex-s2s-clients`.")
    credentials: str = Field("", description="Name of `[credentials.*]` that opens it.")
    prefix: Folder = Field("", description="Folder in it, `<directory>/<partner>/`.")
    dated: bool = Field(True, description="Whether files go to a folder for their day, `date=yyyy-mm-dd/`.")
    part_bytes: int = Field(
        1_000_000_000, ge=1_000_000, le=5_000_000_000, description="Largest file, before it is compressed."
    )
    pending_hours: float = Field(
        48, ge=0, description="How long a file keeps another from saying the opposite, unless it is processed before."
    )
    new_trait_hours: float = Field(
        4, ge=0, description="Hours that a trait must have been there before members are given it."
    )

    def folder(self, bucket: Bucket) -> InboundFolder:
        """Where files are left, in the opened bucket."""
        return InboundFolder(
            bucket=bucket,
            prefix=self.prefix,
            dated=self.dated,
            part_bytes=self.part_bytes,
            pending_hours=self.pending_hours,
        )


class OutboundSettings(Settings):
    """The bucket that a destination's files arrive in; Adobe sets up their names and lines by destination."""

    bucket: str = Field(min_length=1, description="Address.")
    credentials: str = Field("", description="Name of `[credentials.*]` that opens it.")
    prefix: Folder = Field("", description="Folder in it.")
    name_layout: str = Field(
        DEFAULT_LAYOUT, description="Names without extension: macros in `<>`, what may be left out in `[]`."
    )
    line_layout: str = Field(
        "<DP_UUID><TAB><SEGMENT_LIST><TAB><REMOVED_SEGMENT_LIST>",
        description="Lines: an id, `<DP_UUID>`, `<UUID>` or `<MCID>`, and lists of segments.",
    )
    list_separator: str = Field(",", min_length=1, max_length=1, description="What stands between segments.")
    timestamp_digits: Literal[10, 13, 14] = Field(
        13, description="Timestamp of names: seconds, milliseconds, or year to second written out."
    )
    split_digits: int = Field(3, ge=1, le=9, description="Fewest digits of a part's number in names.")
    extension: str = Field("sync", pattern=r"^[A-Za-z0-9]+$", description="Extension of files, without `.gz`.")
    sync_mode: SyncMode = Field(
        SyncMode.FULL,
        description="Which files are read: the newest of all users (`full`), or all those of changes (`iter`), which"
        " are shared in mode `delta`.",
    )
    settle_seconds: float = Field(
        0, ge=0, description="How long a batch without control file must lie unchanged before it counts as complete."
    )
    check_mapping: bool = Field(
        True, description="Whether a segment is only read that is mapped to the destination of the data source."
    )

    def folder(self, bucket: Bucket) -> OutboundFolder:
        """What is read, in the opened bucket."""
        return OutboundFolder(
            bucket=bucket,
            prefix=self.prefix,
            names=NameTemplate(self.timestamp_digits, self.split_digits, self.extension, self.name_layout),
            lines=LineTemplate.of(self.line_layout, list_separator=self.list_separator),
            sync_mode=self.sync_mode,
            settle_seconds=self.settle_seconds,
        )

    @model_validator(mode="after")
    def _layouts_can_be_read(self) -> Self:
        NameTemplate(self.timestamp_digits, self.split_digits, self.extension, self.name_layout)
        LineTemplate.of(self.line_layout, list_separator=self.list_separator)
        for layout, macro in ((self.name_layout, "<SYNC_MODE>"), (self.line_layout, "<REMOVED_SEGMENT_LIST>")):
            if self.sync_mode is SyncMode.ITER and macro not in layout:
                raise ValueError(f"files of changes can only be read where a layout has `{macro}`")
        return self
