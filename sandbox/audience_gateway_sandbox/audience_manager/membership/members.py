"""Members of a segment, by the merge rule that it looks at profiles with (audience-manager 7)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from audience_gateway_sandbox.audience_manager.membership.logins import json_list
from audience_gateway_sandbox.audience_manager.membership.traits import traits_of_profiles
from audience_gateway_sandbox.audience_manager.membership.views import Views, Visit
from audience_gateway_sandbox.audience_manager.objects import AuthenticatedOption, MergeRule, Segment, Trait
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, GLOBAL_DEVICES
from audience_gateway_sandbox.audience_manager.profiles.id_kinds import kind_of
from audience_gateway_sandbox.audience_manager.rules import (
    Qualification,
    Qualifications,
    RuleError,
    evaluate_segment_rule,
    parse_segment_rule,
    traits_of,
)
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds, moment_of

_DEFAULT_RULE = MergeRule(name="device profiles only")


@dataclass(frozen=True, slots=True)
class Members:
    """Finds members.

    Attributes:
        db: the tables of profiles.
        store: the organisation's objects.
        now: milliseconds since 1970.
    """

    db: sqlite3.Connection
    store: Store
    now: int
    _rules: dict[int, MergeRule] = field(default_factory=dict, init=False, repr=False)

    def merge_rule_of(self, segment: Segment) -> MergeRule:
        """Find the merge rule of a segment; without one, the organisation's default, else device profiles only."""
        number = segment.merge_rule_data_source_id
        if number not in self._rules:
            named = self.store.merge_rules.get(number) if number else None
            default = next(iter(self.store.merge_rules.all(is_default=True)), _DEFAULT_RULE)
            self._rules[number] = named or default
        return self._rules[number]

    def of(self, segment: Segment) -> Mapping[int, int]:
        """Tell who is in a segment, for batches: profiles of devices, or of customers if all cross-device ones count.

        Each with the time, in milliseconds, of the newest of the traits that the rule of the segment names.
        """
        rule = self.merge_rule_of(segment)
        return {} if rule.real_time_only else dict(self._members(segment, rule, None))

    def has(self, segment: Segment, visit: Visit) -> bool:
        """Tell whether a visitor is in a segment at this moment."""
        rule = self.merge_rule_of(segment)
        return not rule.batch_only and any(self._members(segment, rule, visit))

    def _members(self, segment: Segment, rule: MergeRule, visit: Visit | None) -> Iterator[tuple[int, int]]:
        try:
            condition = parse_segment_rule(segment.segment_rule)
        except RuleError:
            return
        now = moment_of(self.now)
        named = self.store.traits.all(sid=traits_of(condition))
        everybody = evaluate_segment_rule(condition, {}, now)
        for profile, qualifications in self._candidates(rule, visit, named, everybody=everybody):
            if evaluate_segment_rule(condition, qualifications, now):
                yield profile, _newest(qualifications, self.now)

    def _candidates(
        self, rule: MergeRule, visit: Visit | None, named: Sequence[Trait], *, everybody: bool
    ) -> Iterator[tuple[int, Qualifications]]:
        """Go through those who may be members, with what is known of them; all, if nothing has to be known."""
        if rule.authenticated is AuthenticatedOption.ALL_CROSS_DEVICE:
            traits = traits_of_profiles(self.db, named, self.now)
            for profile in self._profiles(rule.authenticated_source_ids, None if everybody else set(traits)):
                yield profile, traits.get(profile, {})
            return
        views = Views.of(self.db, rule, visit)
        if visit is not None:
            traits = traits_of_profiles(self.db, named, self.now, views.profiles_of(visit.device))
            devices = [visit.device]
        else:
            traits = traits_of_profiles(self.db, named, self.now)
            devices = self._profiles(self._device_sources(), None if everybody else views.touched_by(traits))
        for device in devices:
            yield device, _merged([traits[each] for each in views.profiles_of(device) if each in traits])

    def _profiles(self, sources: Iterable[int], wanted: set[int] | None) -> list[int]:
        """List the profiles of data sources that have not opted out."""
        rows = self.db.execute(
            "SELECT id FROM profile WHERE opted_out = 0 AND source IN (SELECT value FROM json_each(?))",
            (json_list(sources),),
        )
        return [profile for (profile,) in rows if wanted is None or profile in wanted]

    def _device_sources(self) -> list[int]:
        own = [each.data_source_id for each in self.store.data_sources.all() if kind_of(each).is_device]
        return [*dict.fromkeys([AAM_UUID, *GLOBAL_DEVICES, *own])]


def _merged(profiles: list[Mapping[int, list[Qualification]]]) -> Qualifications:
    if len(profiles) == 1:
        return profiles[0]
    merged: dict[int, list[Qualification]] = {}
    for profile in profiles:
        for trait, qualifications in profile.items():
            merged.setdefault(trait, []).extend(qualifications)
    return merged


def _newest(qualifications: Qualifications, now: int) -> int:
    return max((milliseconds(each.at) for several in qualifications.values() for each in several), default=now)
