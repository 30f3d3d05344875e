"""Ways for a few members at once, and which ids never leave (audience-manager 2, 6; people-and-ids 5)."""

from __future__ import annotations

from typing import Annotated, Literal

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Settings
from audience_gateway.sdk.rest import HttpUrl
from pydantic import AfterValidator, Field


def _is_pattern(pattern: str) -> str:
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid:
        raise ValueError("not a regular expression") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_is_pattern)]


class DcsSettings(Settings):
    """Data collection servers: one call a member, good at once. Members are only added so, not removed.

    The documents say that onboarded traits are given by files only, so that it has to be confirmed.
    """

    url: HttpUrl = Field(description="Address of a region, `https://irl1.demdex.net`, or of the partner.")
    host: str = Field("", description="Partner's host, `<partner>.demdex.net`, where `url` is that of a region.")
    org_id: str = Field("", description="Organisation; that of the credentials if left out.")
    most_members: int = Field(50, ge=1, le=1000, description="A write of more members goes into a file.")
    concurrency: int = Field(4, ge=1, le=32, description="Calls in flight at once, each for another member.")
    confirm: bool = Field(
        True,
        description="Whether an answer must name the trait (`d_cts=2`, which Adobe enables on request); members of whom"
        " it does not go into a file, too.",
    )
    auth_state: Literal[0, 1, 2] = Field(
        1, description="Authentication state of Declared IDs: only 1 gives the trait to the person, not to a device."
    )
    device_id_types: tuple[str, ...] = Field(
        ("visitor_id",), description="Id types whose ids are Experience Cloud IDs (`d_mid`)."
    )
    timeout_seconds: float = Field(10, gt=0, description="How long one call may take.")


class CustomerDataSettings(Settings):
    """The Customer Data API: a few calls for some hundred members, added or removed, good at once."""

    url: HttpUrl = Field("https://dmp-data.adobe.io", description="Address.")
    stream_id: str = Field(pattern=r"^[a-zA-Z0-9.,+\-$_*!()]+$", description="Stream that Adobe provisioned.")
    most_members: int = Field(500, ge=1, le=10_000, description="A write of more members goes into a file.")
    request_bytes: int = Field(100_000, ge=1000, description="Largest request.")
    device_id_types: tuple[str, ...] = Field(
        ("visitor_id",), description="Id types whose ids are Experience Cloud IDs."
    )
    device_namespace: str = Field("ECID", description="What the API calls the namespace of Experience Cloud IDs.")


class RawIdSettings(Settings):
    """Ids that look like these are refused, unless the data source says that they are encoded."""

    email: Pattern = Field(r"^[^@\s]+@[^@\s]+$", description="What an e-mail address looks like; empty for nothing.")
    phone: Pattern = Field(
        r"^\s*(\+|00)[1-9][0-9 ().\-/]{5,20}$",
        description="What a phone number looks like; a number without + or 00 is taken for a customer's.",
    )
