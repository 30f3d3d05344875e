"""What a connection to the stub is configured with."""

from __future__ import annotations

from audience_gateway.sdk import Settings, WritePromise
from pydantic import Field


class StubSettings(Settings):
    """One stub, and what its connector says of it."""

    url: str = Field(description="Address of the stub.")
    promise: WritePromise = Field(WritePromise.IDEMPOTENT_BY_KEY, description="What writes promise.")
    finds: bool = Field(False, description="Whether the connector can find members.")
    page_rows: int = Field(10_000, ge=1, description="Members of a page.")
