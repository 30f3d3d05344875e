"""How inbound files are dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from audience_gateway_sandbox.audience_manager.profiles.limits import Limits

KEPT_IN_BUCKET = timedelta(days=30)
"""How long a processed file stays in its bucket (audience-manager 3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSettings:
    """Settings.

    Attributes:
        limits: how much is kept of a profile.
        latency: how long it takes until the traits of a processed file count; at most 48 hours (audience-manager 3.5).
        strict_names: refuse timestamps of 9 digits.
        id_syncs_authenticate: ids that a file puts together are of people who are logged in, as merge rules ask.
    """

    limits: Limits
    latency: timedelta
    strict_names: bool = True
    id_syncs_authenticate: bool = True
