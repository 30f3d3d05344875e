"""Manifests: which files an export wrote, and how large they are (rtcdp 6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audience_gateway.sdk import Bucket, BucketObject
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_BYTES = 16 * 1024 * 1024
"""A larger file is no manifest."""


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    size: int


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True)

    results: tuple[_Result, ...] = Field(alias="exportResults")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one manifest says.

    Attributes:
        stored: the object in the bucket.
        sizes: size of each file that the run wrote, by its name without folders.
    """

    stored: BucketObject
    sizes: Mapping[str, int]


def is_manifest(key: str) -> bool:
    """Whether an object is a manifest by its name, `manifest-<destination>-<run>.json`."""
    name = key.rpartition("/")[2]
    return name.startswith("manifest-") and name.endswith(".json")


async def read_manifest(bucket: Bucket, stored: BucketObject) -> Manifest | None:
    """What a manifest says; None if it cannot be read, e.g. because half of it is written."""
    if stored.size > MAX_BYTES:
        return None
    text = b"".join([piece async for piece in bucket.read(stored.key)])
    try:
        content = _Content.model_validate_json(text)
    except ValidationError:
        return None
    return Manifest(stored, {result.name: result.size for result in content.results})
