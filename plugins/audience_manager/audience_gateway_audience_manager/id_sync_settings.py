"""Which ids of a user an id-synchronisation file brings together."""

from __future__ import annotations

from audience_gateway.sdk import Settings
from audience_gateway.sdk.audience_manager.id_sync_lines import MAX_HASHED_EMAILS
from pydantic import Field, PositiveInt, model_validator


class IdSyncSettings(Settings):
    """An audience whose members are links: an id of the transfer's data source, and further ids of the same user."""

    attributes: dict[str, PositiveInt] = Field(
        min_length=1,
        description="Attributes of members that hold the further ids, each with the data source of its ids.",
    )
    hashed_emails: bool = Field(
        False,
        description="Whether ids of customers get hashed e-mail addresses (`c2c_id_`), up to ten, of one data source;"
        " else ids of devices get ids of devices or customers (`adobe_id_`).",
    )

    @property
    def data_source_ids(self) -> tuple[int, ...]:
        """Data sources in names, behind that of the transfer."""
        found = tuple(self.attributes.values())
        return found[:1] if self.hashed_emails else found

    @model_validator(mode="after")
    def _hashes_are_of_one_data_source(self) -> IdSyncSettings:
        if self.hashed_emails and len(set(self.attributes.values())) > 1:
            raise ValueError("hashed e-mail addresses are of one data source")
        if self.hashed_emails and len(self.attributes) > MAX_HASHED_EMAILS:
            raise ValueError(f"a customer has {MAX_HASHED_EMAILS} hashed e-mail addresses at most")
        return self
