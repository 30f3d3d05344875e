"""What the credentials are configured with."""

from __future__ import annotations

from typing import Annotated

from audience_gateway.sdk import Secret, Settings
from pydantic import Field, StringConstraints

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+[^?#\s]*$", strip_whitespace=True)]
Scope = Annotated[str, StringConstraints(pattern=r"^[^\s,]+$")]


class ImsSettings(Settings):
    """OAuth server-to-server credentials of a developer-console project (ims 2)."""

    url: HttpUrl = Field("https://ims-na1.adobelogin.com", description="Address of the token service.")
    token_path: str = Field("/ims/token/v3", pattern="^/", description="Path of the token endpoint, v2 or later.")
    org_id: str = Field("", description="Organisation that the tokens are good for, such as `…@AdobeOrg`.")
    client_id: str = Field(min_length=1, description="Client of the credential (the API key).")
    client_secrets: tuple[Secret, ...] = Field(
        min_length=1, max_length=2, description="The credential's active secrets; while one is rotated, both."
    )
    scopes: tuple[Scope, ...] = Field(
        ("openid", "session", "AdobeID", "read_organizations", "additional_info.projectedProductContext"),
        description="Scopes to ask for; empty means all scopes of the credential.",
    )
    refresh_margin_seconds: float = Field(300, ge=0, description="How long before its end a token is replaced.")
    timeout_seconds: float = Field(30, gt=0, description="How long one request may take.")
    attempts: int = Field(3, ge=1, le=10, description="Requests before a failing token service is given up.")
    retry_base_seconds: float = Field(
        0.5, ge=0, description="Longest first wait between requests; it doubles each time."
    )
