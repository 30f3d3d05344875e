"""What a Campaign connection is configured with."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from audience_gateway.sdk import Secret, Settings
from pydantic import Field, StringConstraints, model_validator

from audience_gateway_campaign.bucket_settings import BucketSettings
from audience_gateway_campaign.catalogue_settings import CatalogueSettings
from audience_gateway_campaign.file_workflow_settings import FileWorkflowSettings
from audience_gateway_campaign.index_settings import IndexSettings
from audience_gateway_campaign.preflight_settings import PreflightSettings
from audience_gateway_campaign.v8_settings import ManagedCloudSettings

HttpUrl = Annotated[str, StringConstraints(pattern=r"^(https?://[^/?#@\s]+(/[^?#\s]*)?)?$", strip_whitespace=True)]
Attribute = Annotated[str, StringConstraints(pattern=r"^@[A-Za-z][\w-]*$")]


class CampaignSettings(Settings):
    """One Campaign instance and the operator that the gateway works as."""

    transport: Literal["soap", "bucket", "file_workflow"] = Field(
        "soap",
        description="How members travel: in SOAP calls, in the buckets of the shared-audience accounts, or in files"
        " that a workflow loads.",
    )
    url: HttpUrl = Field(
        "", description="Address of the instance, without `/nl/jsp/soaprouter.jsp`; the transport `bucket` needs none."
    )
    user: str = Field("", description="Native operator (v7).")
    password: Secret | None = Field(None, description="Password of `user`.")
    credentials: str = Field("", description="Name of `[credentials.*]` that supplies IMS tokens, instead of `user`.")
    bearer_logon: bool = Field(
        False, description="Whether a token of `credentials` begins a session (BearerTokenLogon), not goes with calls."
    )
    page_rows: int = Field(500, ge=1, le=500, description="Rows of one query; queries are not made for more.")
    write_rows: int = Field(500, ge=1, le=1000, description="Most memberships of one write, which is all or nothing.")
    concurrency: int = Field(4, ge=1, le=32, description="Calls in flight at once for one read or write.")
    timeout_seconds: float = Field(60, gt=0, description="How long one call may take.")
    attempts: int = Field(4, ge=1, le=10, description="How often a call that fails in passing is sent; logons are not.")
    retry_base_seconds: float = Field(
        0.5, ge=0, description="Longest first wait between attempts; it doubles each time, up to a minute."
    )
    opt_out_attributes: tuple[Attribute, ...] = Field(
        ("@blackList",), description="Flags of a recipient; one that is set means that the person has opted out."
    )
    membership_list_key: Literal["rcpGroup-id", "group-id"] = Field(
        "rcpGroup-id", description="Attribute of `nms:rcpGrpRel` that holds the list; Adobe documents both."
    )
    catalogue: CatalogueSettings = Field(
        default_factory=CatalogueSettings, description="What is read of lists, by what Adobe does not document."
    )
    index: IndexSettings = Field(
        default_factory=IndexSettings, description="How changes of the identity index are found."
    )
    preflight: PreflightSettings = Field(default_factory=PreflightSettings, description="What `check` looks for.")

    bucket: BucketSettings | None = Field(None, description="The buckets of the transport `bucket`.")
    file_workflow: FileWorkflowSettings | None = Field(
        None, description="Bucket and workflow of the transport `file_workflow`."
    )
    managed_cloud: ManagedCloudSettings | None = Field(
        None, description="Limits of v8 Managed Cloud Services; left out, none are held."
    )

    @property
    def place(self) -> str:
        """Host and port, for errors."""
        return urlsplit(self.url).netloc

    @model_validator(mode="after")
    def _what_the_transport_needs(self) -> Self:
        for transport in ("bucket", "file_workflow"):
            if (self.transport == transport) != (getattr(self, transport) is not None):
                raise ValueError(f"`{transport}` must be set for the transport `{transport}`, and for no other")
        if self.transport != "bucket" and not self.url:
            raise ValueError("`url` must be set")
        return self

    @model_validator(mode="after")
    def _one_kind_of_access(self) -> Self:
        if not self.url and not self.user and self.password is None and not self.credentials:
            return self
        native = bool(self.user) or self.password is not None
        if native == bool(self.credentials):
            raise ValueError("either `user` and `password` or `credentials` must be set, not both")
        if native and (not self.user or self.password is None):
            raise ValueError("`user` and `password` must be set together")
        if native and self.bearer_logon:
            raise ValueError("`bearer_logon` needs `credentials`")
        if native and self.managed_cloud is not None:
            raise ValueError("Managed Cloud Services take `credentials` only, not `user` and `password`")
        return self
