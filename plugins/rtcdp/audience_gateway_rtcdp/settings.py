"""What a Real-Time CDP connection is configured with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from audience_gateway.sdk import Settings
from audience_gateway.sdk.rest import HttpUrl, RestInterface
from pydantic import Field, model_validator

from audience_gateway_rtcdp.activation_settings import ActivationSettings
from audience_gateway_rtcdp.dataset.dataset_settings import DatasetSettings
from audience_gateway_rtcdp.external_settings import ExternalSettings
from audience_gateway_rtcdp.files.file_settings import FileSettings
from audience_gateway_rtcdp.governance_settings import GovernanceSettings
from audience_gateway_rtcdp.lookup.lookup_settings import LookupSettings
from audience_gateway_rtcdp.on_demand_settings import OnDemandSettings
from audience_gateway_rtcdp.receiver.receiver_settings import ReceiverSettings
from audience_gateway_rtcdp.route_settings import RouteSettings
from audience_gateway_rtcdp.streaming_settings import StreamingSettings

_WAYS = ("files", "dataset", "receiver", "lookup")


class RtcdpSettings(Settings):
    """One sandbox of an organisation's Experience Platform."""

    url: HttpUrl = Field("https://platform.adobe.io", description="Address of Experience Platform.")
    credentials: str = Field(min_length=1, description="Name of `[credentials.*]` that supplies IMS tokens.")
    sandbox: str = Field(
        "prod", pattern=r"^[a-z0-9][a-z0-9-]*$", description="Name of the sandbox, in lower-case letters."
    )
    timeout_seconds: float = Field(60, gt=0, description="How long one call may take.")
    page_size: int = Field(100, ge=1, le=100, description="Objects of one page of a list; clients ask for 100 at most.")

    size_jobs: int = Field(
        20, ge=0, description="Evaluations, the newest first, that sizes of audiences are taken from; 0 for no sizes."
    )
    files: FileSettings | None = Field(
        None, description="Where destinations leave files of members; none: no members are read."
    )
    dataset: DatasetSettings | None = Field(
        None, description="A dataset that each share has filled with members, and reads; instead of `files`."
    )
    receiver: ReceiverSettings | None = Field(
        None, description="A streaming destination that pushes members to the gateway; instead of `files`."
    )
    lookup: LookupSettings | None = Field(
        None, description="Few people, each of whom the platform is asked about; instead of `files`."
    )
    on_demand: OnDemandSettings | None = Field(
        None,
        description="Exports by the flow of `activation` whenever members are read; none: what is scheduled is read.",
    )
    external: ExternalSettings | None = Field(
        None, description="Where files of external audiences are left; none: no members are written."
    )

    streaming: StreamingSettings | None = Field(
        None, description="Streaming collection, by which members become a field of their profiles; instead of files."
    )
    governance: GovernanceSettings = Field(GovernanceSettings(), description="What must not leave.")
    routes: RouteSettings = Field(RouteSettings(), description="By which way audiences go to Campaign.")
    activation: ActivationSettings | None = Field(
        None, description="The file destination to Campaign; none: people look after it in Experience Platform."
    )

    @property
    def interface(self) -> RestInterface:
        """Experience Platform's REST services, all in this sandbox."""
        return RestInterface(
            system="Experience Platform",
            url=self.url.rstrip("/"),
            credentials=self.credentials,
            timeout_seconds=self.timeout_seconds,
            headers={"x-sandbox-name": self.sandbox},
            rights_remedy="Have an administrator add the credential to a role with the rights, for this sandbox.",
        )

    @property
    def ways_to_read(self) -> list[str]:
        """Names of the settings by which members are read: one, or none."""
        return [name for name in _WAYS if getattr(self, name) is not None]

    @model_validator(mode="after")
    def _one_way_to_read(self) -> Self:
        if len(self.ways_to_read) > 1:
            raise ValueError(f"one of {_listed(_WAYS)} may be set: members are read one way or another")
        return self

    @model_validator(mode="after")
    def _flow_to_order(self) -> Self:
        if self.on_demand is not None and (self.activation is None or self.files is None):
            raise ValueError("`on_demand` needs `files`, and `activation` with the name of the flow that exports")
        return self

    @model_validator(mode="after")
    def _one_way_to_write(self) -> Self:
        if self.external is not None and self.streaming is not None:
            raise ValueError("either `external` or `streaming` may be set: members are written one way or the other")
        return self


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
