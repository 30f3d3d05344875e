"""A shared audience in the settings of those who share over buckets: nothing in the buckets names it."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from audience_gateway.sdk.settings import Settings


class SharedAudienceSettings(Settings):
    """One shared audience: in Audience Manager it is a segment over an onboarded trait (people-and-ids 7.2).

    Which of the two is read and which is written depends on the side, so that each side describes them.
    """

    segment_id: int = Field(0, ge=0)
    trait_id: int = Field(0, ge=0)
    title: str = Field("", description="What people call it; the audience's id if left out.")

    @model_validator(mode="after")
    def _of_some_use(self) -> Self:
        if not self.segment_id and not self.trait_id:
            raise ValueError("`segment_id` or `trait_id` must be set")
        return self
