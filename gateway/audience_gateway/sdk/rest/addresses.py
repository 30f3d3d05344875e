"""Addresses of interfaces in settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$", strip_whitespace=True)]
"""Address of an interface, without user, query and fragment."""
