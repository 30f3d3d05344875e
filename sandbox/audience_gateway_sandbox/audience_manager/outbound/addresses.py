"""Under which ids a destination is told of members (audience-manager 4, 7)."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from audience_gateway_sandbox.audience_manager.objects import AuthenticatedOption, MergeRule
from audience_gateway_sandbox.audience_manager.profiles.id_formats import IdKind, is_exported

_PROFILES = "SELECT id, source, value, ecid FROM profile WHERE opted_out = 0"
_NEWEST = """
SELECT link.device, profile.value FROM link JOIN profile ON profile.id = link.other
WHERE link.source = ? AND profile.opted_out = 0 ORDER BY link.device, link.seen, link.other
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ids of one data source.

    Attributes:
        kind: what they are.
        data_source_id: the data source.
        own: by profile, the id, if the profile is of the data source itself.
        linked: by device, the id that was linked with it last.
    """

    kind: IdKind
    data_source_id: int
    own: Mapping[int, str]
    linked: Mapping[int, str]

    @classmethod
    def read(cls, db: sqlite3.Connection, kind: IdKind, data_source_id: int) -> Addresses:
        """Read them."""
        own: dict[int, str] = {}
        linked: dict[int, str] = {}
        for profile, source, value, ecid in db.execute(_PROFILES):
            if kind.is_aam_id and source == 0:
                own[profile] = ecid if kind is IdKind.ECID else value
            elif not kind.is_aam_id and source == data_source_id and is_exported(value):
                own[profile] = value
        if not kind.is_aam_id:
            # In ascending order of time, so that the last one stays: only the newest is exported.
            linked = {device: value for device, value in db.execute(_NEWEST, (data_source_id,)) if is_exported(value)}
        return cls(kind, data_source_id, own, linked)

    def allows(self, rule: MergeRule) -> bool:
        """Tell whether members by a merge rule are exported at all.

        Customers' ids are only if the rule looks at authenticated profiles of their data source, the last ones or all
        of them; without that, exports are empty.
        """
        if self.kind is not IdKind.CUSTOMER:
            return True
        options = {AuthenticatedOption.LAST, AuthenticatedOption.ALL_CROSS_DEVICE}
        return rule.authenticated in options and self.data_source_id in rule.authenticated_source_ids

    def of(self, profile: int) -> str | None:
        """Tell under which id a destination is told of a profile; None if it has none."""
        return self.own.get(profile) or self.linked.get(profile)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The other ids of users, for templates that write them.

    Attributes:
        devices: by profile, Audience Manager's id and the Experience Cloud ID.
        others: by profile and data source, the linked ids, the newest first.
    """

    devices: Mapping[int, tuple[str, str]]
    others: Mapping[int, Mapping[int, Sequence[str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, db: sqlite3.Connection) -> Identifiers:
        """Read them."""
        devices = {
            profile: (value, ecid or "")
            for profile, value, ecid in db.execute("SELECT id, value, ecid FROM profile WHERE source = 0")
        }
        others: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for device, source, value in db.execute(
            "SELECT link.device, link.source, profile.value FROM link JOIN profile ON profile.id = link.other"
            " WHERE profile.opted_out = 0 ORDER BY link.seen DESC, link.other DESC"
        ):
            others[device][source].append(value)
        return cls(devices, others)
