"""What the transport `file_workflow` is configured with (campaign 2.1, 3.9, 4.2)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from audience_gateway.sdk import Folder, Settings
from pydantic import Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,254}$")]


class RestSettings(Settings):
    """Campaign v8's REST interface, which signals the workflow instead of SOAP; it is there on demand only."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$")] = Field(
        description="Address of the instance's REST interface, such as `https://mc.adobe.io/<organisation>/campaign`."
    )
    signal_minutes: float = Field(10, ge=0, description="Shortest time between two signals to the workflow.")
    signal_bytes: int = Field(64 * 1024, ge=1, description="Longest signal.")


class FileWorkflowSettings(Settings):
    """A bucket, and the workflow of Campaign that loads files from it."""

    bucket: str = Field(min_length=1, description="Where files are dropped: what the workflow's file transfer reads.")
    bucket_credentials: str = Field("", description="Name of `[credentials.*]` that opens the bucket.")
    prefix: Folder = Field("", description="Folder of the bucket, with a slash at its end.")
    workflow: Name = Field(description="Internal name of the workflow; it must be started.")
    activity: Name = Field("signal", description="Name of its external signal.")
    transition: str = Field("", description="Name of the signal's transition; empty for its only one.")
    mode: Literal["replace", "add", "add_and_remove"] = Field(
        "add",
        description="What the workflow does: purges the list first, adds to it, or does what `status_column` says.",
    )
    content: Literal["ids", "recipients"] = Field(
        "ids", description="What the file holds: encoded ids that the workflow reconciles, or keys of recipients."
    )
    id_column: Name = Field("id", description="Name of the column of ids or keys.")
    status_column: Name = Field(
        "segmentMembershipStatus", description="Column that says what to do, in mode `add_and_remove`."
    )
    added_status: Name = Field("realized", description="What it says of those to add.")
    removed_status: Name = Field("exited", description="What it says of those to remove.")
    delimiter: Literal[",", ";", "\t", "|"] = Field(",", description="What stands between columns.")
    file_variable: Name = Field("fileName", description="Variable of the signal that names the file.")
    list_variable: Name = Field("listName", description="Variable of the signal that names the list.")
    variables: dict[Name, str] = Field(
        default_factory=dict, description="Further variables of the signal, the same for every file."
    )
    rest: RestSettings | None = Field(None, description="Signal by REST instead of SOAP (v8).")

    @model_validator(mode="after")
    def _signals_are_few(self) -> Self:
        if self.rest is not None and self.mode != "replace":
            raise ValueError("`rest` takes one signal in some minutes, so `mode` must be `replace`")
        if self.mode == "add_and_remove" and self.status_column == self.id_column:
            raise ValueError("`status_column` and `id_column` must differ")
        if {self.file_variable, self.list_variable} & self.variables.keys():
            raise ValueError("`variables` must not hold those that name the file and the list")
        return self
