"""Asks the stub what it holds."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_MOST = 100_000_000
_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Held:
    """What the stub holds of an audience.

    Attributes:
        members: how many members.
        doubled: how many of them were added more than once without being removed.
        sha256: digest of the members.
    """

    members: int
    doubled: int
    sha256: str


def digest(members: Iterable[str]) -> str:
    """The digest of members, as the stub makes it."""
    return hashlib.sha256("".join(f"{member}\n" for member in sorted(members)).encode()).hexdigest()


class StubClient:
    """The stub at an address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def held(self, audience: str) -> Held:
        """What it holds of an audience."""
        return Held(**self._call(f"/audiences/{audience}"))

    def members(self, audience: str) -> set[str]:
        """Who is in an audience."""
        return set(self._call(f"/audiences/{audience}/members?limit={_MOST}")["members"])

    def forget(self, audience: str) -> None:
        """Lets it drop an audience that is judged, for a long run has many."""
        self._call(f"/audiences/{audience}", "DELETE")

    def _call(self, path: str, method: str = "GET") -> Any:  # noqa: ANN401  # JSON
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310  # the stub of this run
        with self._opener.open(request, timeout=_LIMIT_SECONDS) as answer:
            return json.load(answer)
