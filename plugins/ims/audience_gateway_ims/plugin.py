"""Makes the credentials `ims` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import CredentialRegistry, CredentialSpec, hookimpl

from audience_gateway_ims.provider import ImsTokens
from audience_gateway_ims.settings import ImsSettings


@hookimpl
def register_credentials(registry: CredentialRegistry) -> None:
    """Add the one kind of credentials of this plugin."""
    registry.add_credentials(
        CredentialSpec(
            name="ims",
            summary="Adobe IMS, OAuth server-to-server",
            settings=ImsSettings,
            create=ImsTokens,
        )
    )
