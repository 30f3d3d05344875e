"""What `check` looks for beyond logon and tables (campaign 1.1 to 1.3)."""

from __future__ import annotations

from typing import Annotated

from audience_gateway.sdk import Settings
from pydantic import Field, StringConstraints

SchemaName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,10}:[A-Za-z]\w*$")]
Attribute = Annotated[str, StringConstraints(pattern=r"^@[A-Za-z][\w-]*$")]


class PreflightSettings(Settings):
    """What an instance needs that shares audiences with Experience Cloud; an empty list leaves a check out.

    Adobe documents the fields of an AMC data source, but not how its schema is called: that is assumed here.
    """

    clock_skew_seconds: float = Field(300, gt=0, description="How far Campaign's clock may be from the gateway's.")
    workflows: tuple[str, ...] = Field(
        ("importSharedAudience", "exportSharedAudience"), description="Technical workflows that must run."
    )
    external_accounts: tuple[str, ...] = Field(
        ("importSharedAudience", "exportSharedAudience", "Adobe_Marketing_Cloud"),
        description="External accounts that must be there and enabled.",
    )
    data_source_schema: SchemaName = Field("nms:amcDataSource", description="Schema of AMC data sources.")
    data_source_key: Attribute = Field("@reconciliationKey", description="Its attribute of the reconciliation key.")
    data_source_ids: tuple[Attribute, ...] = Field(
        ("@aamDataSourceId", "@aamDestinationId"), description="Its attributes that Adobe provisions; 0 is not set."
    )
