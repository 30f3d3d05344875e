"""What is called: one interface of one system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class RestInterface:
    """One interface, and what errors call it.

    Attributes:
        system: what people call the system, e.g. `Experience Platform`.
        url: address that paths are appended to, without a slash at its end.
        credentials: name of the credentials whose tokens it takes; empty for an interface that wants none.
        timeout_seconds: how long one call may take.
        headers: sent with every call, besides token, key and organisation.
        rights_remedy: what to do where the technical account lacks rights.
    """

    system: str
    url: str
    credentials: str
    timeout_seconds: float
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    rights_remedy: str = "Have an administrator give the technical account the rights."

    @property
    def place(self) -> str:
        """Host and port, for errors."""
        return urlsplit(self.url).netloc

    @property
    def account(self) -> str:
        """What the settings call the credentials."""
        return f"credentials.{self.credentials}"
