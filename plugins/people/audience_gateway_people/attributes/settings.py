"""What a Customer Attributes connection is configured with: one attribute source, which has an account of its own."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from audience_gateway.sdk import AudienceId, Settings
from pydantic import Field, StringConstraints, model_validator

from audience_gateway_people.attributes.limits import FOR_TARGET, MOST_ATTRIBUTES, Subscription

AttributeName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,255}$")]

_NOT_IN_TARGET = re.compile(r"[\s<>'\",]")


class AttributeType(StrEnum):
    """Types of attributes (people-and-ids 8.3)."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"


class Compression(StrEnum):
    """How data files are compressed; the values are what is behind `.csv` in their names."""

    NONE = ""
    GZIP = "gzip"
    ZIP = "zip"


class AttributeSettings(Settings):
    """One attribute: a column of the source's audience that has this name, and of the data file."""

    type: AttributeType = Field(
        AttributeType.STRING, description="`string`, `integer`, or `number` of up to two decimals."
    )
    title: str = Field("", description="Its display name at Adobe; the column's name if left out.")


class CustomerAttributesSettings(Settings):
    """One attribute source."""

    bucket: str = Field(
        min_length=1,
        description="The root of the source's account: `sftp://account@ftp.adobe.com/`, or any other bucket.",
    )
    bucket_credentials: str = Field("", description="Name of `[credentials.*]` that opens it.")
    alias_id: AudienceId = Field(
        description="The source's alias id (integration code), which is the id of its audience here too."
    )
    title: str = Field("", description="What people call the source; the alias id if left out.")
    description: str = Field("", description="What it is.")
    id_column: AttributeName = Field("id", description="Header of the first column, that of the customer id.")
    attributes: dict[AttributeName, AttributeSettings] = Field(
        min_length=1,
        max_length=MOST_ATTRIBUTES,
        description="The attributes in the order of their columns. The first upload fixes them.",
    )
    subscriptions: tuple[Subscription, ...] = Field(
        (), description="Who gets the attributes, to check how many they may get: see the table of editions."
    )
    compression: Compression = Field(Compression.GZIP, description='`gzip`, `zip`, or `""` for none.')
    members_a_file: int = Field(250_000, ge=1, description="Customers of a file, at most; they are held in memory.")
    long_values: Literal["refuse", "send"] = Field(
        "refuse", description="What to do with a customer who has a value of more than 255 characters."
    )
    refuse_emails: bool = Field(
        True, description="Whether a customer id that is an e-mail address is refused: Adobe takes no personal data."
    )
    wait_for_earlier: bool = Field(
        True, description="Whether nothing is uploaded while a file of an earlier transfer waits: order is not kept."
    )
    processed_hours: float = Field(
        2, gt=0, description="How long a file may take until it is processed; afterwards it is overdue."
    )

    @model_validator(mode="after")
    def _columns_that_can_be(self) -> Self:
        if self.id_column in self.attributes:
            raise ValueError("`id_column` must not be one of `attributes`")
        if FOR_TARGET.intersection(self.subscriptions):
            unfit = [name for name in self.attributes if _NOT_IN_TARGET.search(name)]
            if unfit:
                raise ValueError(f"Target takes no attribute names with blanks or any of <>'\", found: {unfit[0]!r}")
        return self

    @property
    def header(self) -> list[str]:
        """Names of all columns of a data file."""
        return [self.id_column, *self.attributes]
