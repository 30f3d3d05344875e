"""What a People connection is configured with."""

from __future__ import annotations

from typing import Literal

from audience_gateway.sdk import AudienceId, Bucket, Folder, Settings
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate
from audience_gateway.sdk.audience_manager.rest.arrival_settings import ArrivalSettings
from audience_gateway.sdk.audience_manager.shared_audience_settings import SharedAudienceSettings
from pydantic import Field

from audience_gateway_people.library_settings import LibrarySettings


class AudienceSettings(SharedAudienceSettings):
    """One audience: in Audience Manager it is a segment over an onboarded trait (people-and-ids 7.2)."""

    segment_id: int = Field(0, ge=0, description="Segment that the audience is read from; 0 if it is not read.")
    trait_id: int = Field(0, ge=0, description="Onboarded trait that members are given; 0 if it is not written.")
    description: str = Field("", description="What it is.")


class PeopleArrivalSettings(ArrivalSettings):
    """Latest times: 24 to 36 hours either way, and 60 for audiences that began in Analytics (people-and-ids 7.3)."""

    visible_hours: float = Field(36, gt=0, description="Until members can be used in the Experience Cloud.")
    import_hours: float = Field(
        36, gt=0, description="Until the next batch arrives; 60 if audiences out of Analytics are read."
    )


class PeopleSettings(Settings):
    """The two shared-audience buckets, and the audiences in them."""

    import_bucket: str = Field(description="What the Experience Cloud shares: Audience Manager's outbound files.")
    export_bucket: str = Field(description="What is shared with it: Audience Manager's inbound files.")
    import_credentials: str = Field("", description="Name of `[credentials.*]` that opens the import bucket.")
    export_credentials: str = Field("", description="Name of `[credentials.*]` that opens the export bucket.")
    import_prefix: Folder = Field("", description="Folder of the import bucket that is read, with a slash at its end.")
    export_prefix: Folder = Field("", description="Folder of the export bucket that is written to, likewise.")
    audiences: dict[AudienceId, AudienceSettings] = Field(
        default_factory=dict, description="The audiences by their ids: nothing in the buckets names them."
    )
    library: LibrarySettings | None = Field(
        None, description="Audience Manager's REST interface, over which the Audience Library is known."
    )
    arrival: PeopleArrivalSettings = Field(PeopleArrivalSettings(), description="When members have arrived.")
    timestamp_digits: Literal[10, 13, 14] = Field(
        13, description="Timestamp of outbound names: seconds, milliseconds, or year to second written out."
    )
    split_digits: int = Field(3, ge=1, le=9, description="Fewest digits of a part's number in outbound names.")
    extension: str = Field("sync", pattern=r"^[A-Za-z0-9]+$", description="Extension of outbound files, without `.gz`.")
    id_separator: str = Field(
        "\t", pattern=r"^[^0-9,\r\n]$", description="The one character that stands behind the id of a line."
    )
    settle_seconds: float = Field(
        0, ge=0, description="How long a batch without control file must lie unchanged before it counts as complete."
    )
    pending_hours: float = Field(
        0,
        ge=0,
        description="How long a written file counts as not processed unless it is marked as `.processed`; until then a "
        "transfer that says the opposite is refused. 0 if it is not to wait; Audience Manager takes up to 48.",
    )

    def import_folder(self, bucket: Bucket) -> OutboundFolder:
        """What is read, in the opened import bucket."""
        return OutboundFolder(
            bucket=bucket,
            prefix=self.import_prefix,
            names=NameTemplate(self.timestamp_digits, self.split_digits, self.extension),
            lines=LineTemplate(separator=self.id_separator),
            settle_seconds=self.settle_seconds,
        )

    def export_folder(self, bucket: Bucket) -> InboundFolder:
        """Where it is written to, in the opened export bucket."""
        return InboundFolder(bucket=bucket, prefix=self.export_prefix, pending_hours=self.pending_hours)
