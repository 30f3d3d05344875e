"""What the gateway hands to a plugin that it makes an instance of."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import aiohttp

from audience_gateway.sdk.buckets import Bucket
from audience_gateway.sdk.credentials import CredentialProvider
from audience_gateway.sdk.pushes import PushedMembers


class Context(Protocol):
    """The gateway's side of one connection or credential provider."""

    @property
    def name(self) -> str:
        """Name of the connection or of the credentials."""
        ...

    @property
    def http(self) -> aiohttp.ClientSession:
        """HTTP session of the gateway, which keeps no cookies; plugins neither open nor close sessions of their own."""
        ...

    def credentials(self, name: str) -> CredentialProvider:
        """The configured credentials of that name; raises ConfigError if there are none."""
        ...

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        """The bucket at an address.

        Args:
            url: `file:///path`, `s3://name/prefix`, `az://container/prefix` or `sftp://user@host:port/path`.
            credentials: name of the configured credentials that open it; empty for those of the gateway's environment.

        Raises ConfigError for any other address, and for credentials that are not there or not for buckets of the kind.
        """
        ...

    @property
    def pushed(self) -> PushedMembers:
        """What was pushed to the connection; for a `PushReceiver`."""
        ...

    def now(self) -> datetime:
        """The time, in UTC."""
        ...
