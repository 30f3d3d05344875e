"""Kinds of values that settings of several plugins have."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import StringConstraints

AudienceId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""An id by which settings name an audience: it stands in addresses, so it has neither slashes nor blanks."""

Folder: TypeAlias = Annotated[str, StringConstraints(pattern=r"^([^/\s]+/)*$")]
"""A folder of a bucket: empty for the bucket itself, or with a slash at its end and none at its beginning."""
