"""Keys of objects: which are refused, and which are temporary."""

from __future__ import annotations

from audience_gateway.sdk.errors import Permanent

_TEMPORARY = (".part", ".tmp")


def checked(key: str, url: str) -> str:
    """The key, if it stays below its bucket. Raises Permanent for one that leads out of it."""
    parts = key.split("/")
    if not key or key.startswith("/") or ".." in parts or "." in parts or "\0" in key:
        raise Permanent("a key leads out of its bucket", place=url, remedy="Name an object below the bucket.")
    return key


def is_temporary(key: str) -> bool:
    """Whether the object is still being written: it ends on `.part` or `.tmp`, or its name begins with a dot."""
    name = key.rsplit("/", 1)[-1]
    return name.startswith(".") or name.endswith(_TEMPORARY)
