"""What a Campaign connection is configured with."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from audience_gateway.sdk import Secret, Settings
from pydantic import Field, StringConstraints, model_validator

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$", strip_whitespace=True)]
Attribute = Annotated[str, StringConstraints(pattern=r"^@[A-Za-z][\w-]*$")]


class CampaignSettings(Settings):
    """One Campaign instance and the operator that the gateway works as."""

    url: HttpUrl = Field(description="Address of the instance, without `/nl/jsp/soaprouter.jsp`.")
    user: str = Field("", description="Native operator (v7).")
    password: Secret | None = Field(None, description="Password of `user`.")
    credentials: str = Field("", description="Name of `[credentials.*]` that supplies IMS tokens, instead of `user`.")
    page_rows: int = Field(500, ge=1, le=500, description="Rows of one query; queries are not made for more.")
    write_rows: int = Field(500, ge=1, le=1000, description="Memberships of one write, which is all or nothing.")
    concurrency: int = Field(4, ge=1, le=32, description="Calls in flight at once for one read or write.")
    timeout_seconds: float = Field(60, gt=0, description="How long one call may take.")
    opt_out_attributes: tuple[Attribute, ...] = Field(
        ("@blackList",), description="Flags of a recipient; one that is set means that the person has opted out."
    )
    membership_list_key: Literal["rcpGroup-id", "group-id"] = Field(
        "rcpGroup-id", description="Attribute of `nms:rcpGrpRel` that holds the list; Adobe documents both."
    )

    @property
    def place(self) -> str:
        """Host and port, for errors."""
        return urlsplit(self.url).netloc

    @model_validator(mode="after")
    def _one_kind_of_access(self) -> Self:
        native = bool(self.user) or self.password is not None
        if native == bool(self.credentials):
            raise ValueError("either `user` and `password` or `credentials` must be set, not both")
        if native and (not self.user or self.password is None):
            raise ValueError("`user` and `password` must be set together")
        return self
