"""The lines of one transfer: all members, or what has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from audience_gateway_sandbox.audience_manager.outbound.addresses import Identifiers
from audience_gateway_sandbox.audience_manager.outbound.audience import Told
from audience_gateway_sandbox.audience_manager.outbound.lines import User
from audience_gateway_sandbox.audience_manager.outbound.template import Item

_NOBODY = Told(0, {})
_SEGMENT = "5"
"""The type of segments in lists."""


@dataclass(frozen=True, slots=True)
class TransferUsers:
    """Tells of users.

    Attributes:
        users: by id, those that are told of.
        ids: their other ids.
        traits: lists the traits of a profile.
        keys: by segment, the key that the destination knows it by.
    """

    users: Mapping[str, Told]
    ids: Identifiers
    traits: Callable[[int], list[Item]]
    keys: Mapping[int, str]

    def everybody(self) -> Iterator[User]:
        """Tell of all members, in ascending order of their ids."""
        for value in sorted(self.users):
            yield self._user(value, self.users[value].segments, ())

    def changed(self, before: Mapping[str, set[int]]) -> Iterator[User]:
        """Tell of those whose segments are others than before: what they came to, and what they left."""
        for value in sorted(self.users.keys() | before.keys()):
            told, known = self.users.get(value, _NOBODY), before.get(value, set())
            added = [segment for segment in told.segments if segment not in known]
            removed = sorted(known - told.segments.keys())
            if added or removed:
                yield self._user(value, added, removed)

    def _user(self, value: str, segments: Iterable[int], removed: Iterable[int]) -> User:
        told = self.users.get(value, _NOBODY)
        uuid, ecid = self.ids.devices.get(told.profile, ("", ""))
        return User(
            dp_uuid=value,
            uuid=uuid,
            ecid=ecid,
            ids=self.ids.others.get(told.profile, {}),
            segments=[self._segment(segment, told.segments[segment]) for segment in sorted(segments)],
            removed=[self._segment(segment, 0) for segment in removed],
            traits=self.traits(told.profile),
        )

    def _segment(self, segment: int, realized: int) -> Item:
        time = str(realized)
        return {
            "sid": str(segment),
            "alias": self.keys.get(segment, str(segment)),
            "type": _SEGMENT,
            "lastUpdateTime": time,
            "lastRealizationTime": time,
        }
