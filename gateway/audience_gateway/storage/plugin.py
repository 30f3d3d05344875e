"""Makes the credentials of buckets known to the gateway, by the same path as those of plugins."""

from __future__ import annotations

from typing import NoReturn

from audience_gateway.sdk import ConfigError, Context, CredentialRegistry, CredentialSpec, Settings, hookimpl
from audience_gateway.storage.bucket_credentials import AwsKeys, AzureKey, SftpLogin

_KINDS: tuple[tuple[str, str, type[Settings]], ...] = (
    ("aws_keys", "Buckets `s3://bucket/prefix`: static keys, region, endpoint and encryption", AwsKeys),
    ("azure_key", "Buckets `az://container/prefix`: the key of a storage account, or a signature", AzureKey),
    ("sftp", "Buckets `sftp://user@host:port/path`: password or private key, and the host's keys", SftpLogin),
)


@hookimpl
def register_credentials(registry: CredentialRegistry) -> None:
    """Add the kinds of credentials that open buckets."""
    for name, summary, settings in _KINDS:
        registry.add_credentials(CredentialSpec(name=name, summary=summary, settings=settings, create=_no_tokens))


def _no_tokens(settings: Settings, context: Context) -> NoReturn:  # noqa: ARG001  # the signature is the contract's
    raise ConfigError(
        "these credentials open buckets and supply no tokens",
        place=f"credentials.{context.name}.provider",
        remedy="Name credentials that supply tokens, such as those of the provider `ims`.",
    )
