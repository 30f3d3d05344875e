"""Profile merge rules: which profiles of a person a segment looks at (audience-manager 7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_AUTHENTICATED_SOURCES = 3


class AuthenticatedOption(StrEnum):
    """Which authenticated profiles are looked at."""

    NONE = "NO_AUTHENTICATED"
    CURRENT = "CURRENT_AUTHENTICATED"
    LAST = "LAST_AUTHENTICATED"
    ALL_CROSS_DEVICE = "ALL_CROSS_DEVICE"


class DeviceOption(StrEnum):
    """Which device profiles are looked at."""

    NONE = "NO_DEVICE"
    DEVICE = "DEVICE_PROFILE"
    PROFILE_LINK = "PROFILE_LINK_DEVICE_GRAPH"
    EXTERNAL = "EXTERNAL_DEVICE_GRAPH"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRule:
    """What a segment's `merge_rule_data_source_id` stands for. The names of the options are ours.

    Attributes:
        data_source_id: the data source that stands for the rule.
        authenticated_source_ids: at most three data sources whose ids log on; none without authenticated profiles.
        device_graph_source_id: the data source of an external device graph, else 0.
        is_default: segments that name no rule have this one; at most one is.

    Raises ValueError for options that do not go together.
    """

    data_source_id: int = 0
    name: str
    authenticated: AuthenticatedOption = AuthenticatedOption.NONE
    device: DeviceOption = DeviceOption.DEVICE
    authenticated_source_ids: tuple[int, ...] = ()
    device_graph_source_id: int = 0
    is_default: bool = False

    def __post_init__(self) -> None:
        if len(self.authenticated_source_ids) > MOST_AUTHENTICATED_SOURCES:
            raise ValueError(f"A merge rule names at most {MOST_AUTHENTICATED_SOURCES} authenticated data sources.")
        if bool(self.authenticated_source_ids) != (self.authenticated is not AuthenticatedOption.NONE):
            raise ValueError("A merge rule names data sources if, and only if, it looks at authenticated profiles.")
        if self.authenticated is AuthenticatedOption.NONE and self.device is DeviceOption.NONE:
            raise ValueError("A merge rule looks at authenticated profiles, at device profiles, or at both.")
        if bool(self.device_graph_source_id) != (self.device is DeviceOption.EXTERNAL):
            raise ValueError("A merge rule names a device graph if, and only if, it is an external one.")

    @property
    def real_time_only(self) -> bool:
        """Whether no batch destination ever gets anybody by it."""
        return self.authenticated is AuthenticatedOption.CURRENT and self.device is DeviceOption.NONE

    @property
    def batch_only(self) -> bool:
        """Whether no real-time destination ever gets anybody by it."""
        return self.authenticated is AuthenticatedOption.ALL_CROSS_DEVICE
