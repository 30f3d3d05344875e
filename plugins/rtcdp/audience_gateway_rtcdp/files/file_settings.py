"""How exported files are found and read; what the documents leave open is a setting here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from audience_gateway.sdk import Settings
from pydantic import AwareDatetime, Field, StringConstraints, field_validator, model_validator

from audience_gateway_rtcdp.files.name_templates import DEFAULT_TEMPLATE, NameTemplate
from audience_gateway_rtcdp.shared_devices import SharedDevices

_MEBIBYTE = 1024 * 1024
Text = Annotated[str, StringConstraints(min_length=1)]


class FileSettings(Settings):
    """A place that a file destination exports to, and what its files look like."""

    bucket: str = Field(
        min_length=1,
        description="Where the files arrive: `s3://bucket/prefix`, `az://container/prefix`, `sftp://user@host/directory`"
        " or `file:///directory`.",
    )
    credentials: str = Field("", description="Name of `[credentials.*]` that opens it.")
    folder: str = Field(
        "", description="Folder in it, which may hold `%SEGMENT_ID%` and `%SEGMENT_NAME%`; no slash at its end."
    )
    name: str = Field(DEFAULT_TEMPLATE, description="Template of the files' names, as the activation has it.")
    id_columns: dict[str, Text] = Field(
        min_length=1,
        description="Column of the id, by the name of a data source, or else by an id type; as it is mapped, with dots"
        " or with underscores.",
    )
    encoded: bool = Field(False, description="Whether the ids already went through the data source's codec.")
    incremental: dict[str, AwareDatetime] = Field(
        default_factory=dict,
        description="Audiences whose exports hold only changes after the first, full one, by their ids, each with the"
        " time in the name of that first export. All others are exported in full.",
    )
    changes_only: tuple[Text, ...] = Field(
        (),
        description="Audiences whose exports hold only changes, and whose first, full one is not read, e.g. because it"
        " is gone; they are shared in mode `delta`.",
    )
    status_columns: tuple[Text, ...] = Field(
        ("segmentMembership_status", "segmentMembership_*_status", "segmentMembershipStatus"),
        description="Names that the column of the membership's status may have; `*` stands for any text.",
    )
    time_columns: tuple[Text, ...] = Field(
        ("segmentMembership_lastQualificationTime", "segmentMembership_*_lastQualificationTime"),
        description="Names that the column of the last qualification may have.",
    )
    device_columns: tuple[Text, ...] = Field(
        ("ECID", "*_ECID"),
        description="Names that the column of the device may have; the first one that a file has counts. Without one,"
        " files do not show who shares a device.",
    )
    shared_devices: SharedDevices = Field(
        "hold",
        description="What becomes of members in whose rows there is the same device with other ids, too, as of people"
        " who share it: nobody can say who of them is meant.",
    )
    realized: tuple[str, ...] = Field(
        ("realized", "existing", "active"), description="Statuses of members, in lower-case letters."
    )
    exited: tuple[str, ...] = Field(
        ("exited", "expired"), description="Statuses of those who have left, in lower-case letters."
    )
    null_texts: tuple[str, ...] = Field(("null",), description="Texts that stand for no value, besides no text.")
    delimiter: Annotated[str, StringConstraints(pattern=r"^[,:|;\t]$")] | None = Field(
        None,
        description="Character between columns, one of `,` `:` `|` `;` and TAB; by default the one by which the header"
        " has the column of the id.",
    )
    quote: Annotated[str, StringConstraints(pattern=r'^"?$')] = Field(
        '"', description="Character around columns that need it; empty for none."
    )
    escape: Annotated[str, StringConstraints(pattern=r"^[\\']?$")] = Field(
        "\\", description="Character before a quote within quotes, `\\` or `'`; empty for none."
    )
    encoding: Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be"] = Field(
        "utf-8", description="Encoding of text; `utf-16` if it begins with a byte order mark."
    )
    manifest: Literal["used", "required", "ignored"] = Field(
        "used",
        description="Whether the manifest of a run says if an export is complete: where there is one (`used`), always"
        " (`required`: an export without one is not read) or never.",
    )
    settle_seconds: float = Field(
        300, ge=0, description="How long an export without manifest must lie unchanged before it counts as complete."
    )
    part_seconds: float = Field(
        3600,
        ge=0,
        description="How long a run may write parts of one export. In static names, a part that is older than the first"
        " by more than that is left over from an earlier run.",
    )
    max_row_bytes: int = Field(
        _MEBIBYTE, ge=1, le=64 * _MEBIBYTE, description="Longest row, in bytes; a longer one is rejected."
    )

    @field_validator("folder")
    @classmethod
    def _no_slash(cls, folder: str) -> str:
        return folder.strip("/")

    @model_validator(mode="after")
    def _sound_templates(self) -> FileSettings:
        NameTemplate(self.folder, self.name)
        return self

    @model_validator(mode="after")
    def _either_with_the_first_export_or_without(self) -> FileSettings:
        if both := sorted(set(self.changes_only) & set(self.incremental)):
            raise ValueError(f"an audience is in `incremental` or in `changes_only`, not in both: {both[0]}")
        return self

    @property
    def names(self) -> NameTemplate:
        """How files are named."""
        return NameTemplate(self.folder, self.name)

    def first_export(self, audience: str) -> datetime | None:
        """Time of the full export that changes of the audience build upon; None if it is exported in full."""
        return self.incremental.get(audience)

    def has_changes(self, audience: str) -> bool:
        """Whether exports of the audience hold changes, after a full one or alone."""
        return audience in self.incremental or audience in self.changes_only
