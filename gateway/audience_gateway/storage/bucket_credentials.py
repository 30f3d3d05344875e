"""What opens buckets: the kinds of credentials that `context.bucket(url, credentials=...)` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from audience_gateway.sdk.settings import Secret, Settings

Endpoint: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(https?://[^/?#@\s]+[^?#\s]*)?$")]
HostKey: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?$")]


class AwsKeys(Settings):
    """Static keys of S3, or of what speaks its protocol."""

    access_key_id: str = Field(min_length=1, description="Id of the access key.")
    secret_access_key: Secret = Field(description="The secret of the access key.")
    session_token: Secret | None = Field(None, description="Token of temporary keys.")
    region: str = Field("us-east-1", min_length=1, description="Region of the bucket.")
    endpoint: Endpoint = Field("", description="Address of the service, if it is not Amazon's.")
    server_side_encryption: Literal["", "AES256", "aws:kms"] = Field(
        "", description="How the service encrypts what is written; empty for the bucket's own way."
    )
    kms_key_id: str = Field("", description="Key for `aws:kms`; empty for the account's own.")

    @model_validator(mode="after")
    def _key_for_kms_only(self) -> Self:
        if self.kms_key_id and self.server_side_encryption != "aws:kms":
            raise ValueError('`kms_key_id` is for `server_side_encryption = "aws:kms"`')
        return self


class AzureKey(Settings):
    """The key of a storage account, or a shared access signature."""

    account: str = Field(pattern="^[a-z0-9]{3,24}$", description="Name of the storage account.")
    key: Secret | None = Field(None, description="Key of the account.")
    sas_token: Secret | None = Field(None, description="Shared access signature, instead of `key`.")
    endpoint: Endpoint = Field("", description="Address of the service, if it is not Azure's.")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.key is None) == (self.sas_token is None):
            raise ValueError("either `key` or `sas_token` must be set")
        return self


class SftpLogin(Settings):
    """Password or key of an SFTP account; its name and host stand in the bucket's address."""

    password: Secret | None = Field(None, description="Password of the account.")
    private_key: Secret | None = Field(None, description="Private key, in OpenSSH's or PEM form; instead of it.")
    passphrase: Secret | None = Field(None, description="What `private_key` is encrypted with.")
    host_keys: tuple[HostKey, ...] = Field(
        (), description="Public keys of the host, as `ssh-keyscan` shows them behind the host's name."
    )
    known_hosts: Path | None = Field(
        None, description="File of known hosts, if `host_keys` is empty; by default that of the gateway's account."
    )
    check_host_key: bool = Field(True, description="False sends the password to whoever answers: for tests only.")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.private_key is None):
            raise ValueError("either `password` or `private_key` must be set")
        if self.passphrase is not None and self.private_key is None:
            raise ValueError("`passphrase` is for `private_key`")
        return self


BucketCredentials: TypeAlias = AwsKeys | AzureKey | SftpLogin
