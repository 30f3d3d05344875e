"""Where exported files arrive, and how they are named."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from audience_gateway.sdk import Bucket

from audience_gateway_rtcdp.files.file_settings import FileSettings
from audience_gateway_rtcdp.files.name_templates import NameTemplate
from audience_gateway_rtcdp.governance_settings import ConsentSettings


@dataclass(frozen=True, slots=True)
class ExportFolder:
    """A place that a destination exports to.

    Attributes:
        bucket: the bucket.
        settings: how files are named and written.
        consent: which of their columns say who has opted out.
    """

    bucket: Bucket
    settings: FileSettings
    consent: ConsentSettings = field(default_factory=ConsentSettings)

    @property
    def url(self) -> str:
        """Its address, for people."""
        return f"{self.bucket.url.rstrip('/')}/{self.settings.folder}"

    @property
    def names(self) -> NameTemplate:
        """How files are named."""
        return self.settings.names

    def listed(self, audience: str) -> str:
        """What to list: everything in the audience's folder, since manifests have names of their own."""
        return self.names.prefix(audience).rpartition("/")[0]

    def settled(self) -> ExportFolder:
        """The same, once it is known that nobody is writing."""
        return replace(self, settings=self.settings.model_copy(update={"settle_seconds": 0}))

    def place_of(self, key: str) -> str:
        """The address of an object of the bucket, for people."""
        return f"{self.bucket.url.rstrip('/')}/{key}"
