"""The streaming destination that pushes members to the gateway (rtcdp 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self

from audience_gateway.sdk import PushAccess, Secret, Settings
from pydantic import AwareDatetime, Field, model_validator

from audience_gateway_rtcdp.shared_devices import MEANING, SharedDevices


class ReceiverSettings(Settings):
    """Who may push, and what is kept of it."""

    audiences: tuple[str, ...] = Field(
        min_length=1,
        description="Ids of the audiences that are activated to the destination, as the platform has them; whatever"
        " else profiles say is not kept.",
    )
    namespaces: Mapping[str, str] = Field(
        default_factory=lambda: {"visitor_id": "ECID"},
        description="Identity namespaces of ids that are kept, by the name of a data source, or else by an id type.",
    )
    encoded: bool = Field(False, description="Whether the ids already went through the data source's codec.")
    shared_devices: SharedDevices = Field("hold", description=MEANING)
    tokens: tuple[Secret, ...] = Field(
        (), description="Bearer tokens, one of which the destination sends; two while one is replaced by the other."
    )
    client_id: str = Field(
        "", description="Client that may ask for tokens at `/pushes/CONNECTION/token` (OAuth 2, client credentials)."
    )
    client_secrets: tuple[Secret, ...] = Field((), description="Secrets of the client.")
    anyone: bool = Field(
        False, description="Whether nobody is asked for a token, as where `receiver.client_ca` asks for certificates."
    )
    flow: str = Field(
        "", description="Name of the flow that pushes; a share is refused if it does not activate the audience."
    )
    changes_only: frozenset[str] = Field(
        frozenset(),
        description="Audiences of whom earlier members never came; these are only shared as changes (`--mode delta`).",
    )
    backfill_seconds: float = Field(
        3600, ge=0, description="How long the platform takes to push who was in an audience before it was activated."
    )
    backfilled: Mapping[str, AwareDatetime] = Field(
        default_factory=dict,
        description="Audiences of which nobody is missing although they were activated anew, each with a time since"
        " that is so: the platform pushes earlier members only the first time.",
    )

    @property
    def access(self) -> PushAccess:
        """Who may push."""
        return PushAccess(
            tokens=self.tokens, client_id=self.client_id, client_secrets=self.client_secrets, anyone=self.anyone
        )

    @property
    def backfill(self) -> timedelta:
        """How long earlier members may take to come."""
        return timedelta(seconds=self.backfill_seconds)

    def is_confirmed(self, audience: str, mapped: datetime) -> bool:
        """Whether somebody has said that nobody is missing since the audience was activated at a time."""
        confirmed = self.backfilled.get(audience)
        return confirmed is not None and confirmed >= mapped

    @model_validator(mode="after")
    def _known(self) -> Self:
        if bool(self.client_id) != bool(self.client_secrets):
            raise ValueError("`client_id` and `client_secrets` belong together")
        if self.anyone == bool(self.tokens or self.client_id):
            raise ValueError("set `tokens` or `client_id`, or else `anyone`")
        return self
