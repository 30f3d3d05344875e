"""Where outbound files arrive, and how a destination sets up their names and lines (audience-manager 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate, SyncMode
from audience_gateway.sdk.buckets import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundFolder:
    """A place that Audience Manager delivers to. Adobe sets up names and lines by destination; nothing tells them.

    Attributes:
        bucket: the bucket.
        prefix: folder in it, with a slash at its end; empty for all of it.
        names: how files are named.
        lines: how lines are put together.
        sync_mode: whether full batches are read, or those of changes.
        settle_seconds: how long a batch without control file must lie unchanged before it counts as complete.
    """

    bucket: Bucket
    prefix: str = ""
    names: NameTemplate = field(default_factory=NameTemplate)
    lines: LineTemplate = field(default_factory=LineTemplate)
    sync_mode: SyncMode = SyncMode.FULL
    settle_seconds: float = 0

    @property
    def url(self) -> str:
        """Its address, for people."""
        return f"{self.bucket.url.rstrip('/')}/{self.prefix}"

    def place_of(self, key: str) -> str:
        """The address of an object of the bucket, for people."""
        return f"{self.bucket.url.rstrip('/')}/{key}"
