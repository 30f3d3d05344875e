"""Who calls, and what they may do: role-based access control, where it is switched on (audience-manager 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audience_gateway_sandbox.audience_manager.objects import PARTNER_ID, User
from audience_gateway_sandbox.audience_manager.rest.errors import forbidden
from audience_gateway_sandbox.audience_manager.store import Store

SEGMENT, TRAIT, DESTINATION = "SEGMENT", "TRAIT", "DESTINATION"
WILDCARDS: Mapping[str, Mapping[str, str]] = {
    SEGMENT: {
        "READ": "VIEW_ALL_SEGMENTS",
        "WRITE": "EDIT_ALL_SEGMENTS",
        "CREATE": "CREATE_ALL_SEGMENTS",
        "DELETE": "DELETE_ALL_SEGMENTS",
        "MAP_TO_MODELS": "MAP_ALL_SEGMENTS_TO_MODELS",
        "MAP_TO_DESTINATION": "MAP_ALL_TO_DESTINATIONS",
    },
    TRAIT: {
        "READ": "VIEW_ALL_TRAITS",
        "WRITE": "EDIT_ALL_TRAITS",
        "CREATE": "CREATE_ALL_TRAITS",
        "DELETE": "DELETE_ALL_TRAITS",
        "MAP_TO_MODELS": "MAP_ALL_TRAITS_TO_MODELS",
        "MAP_TO_SEGMENTS": "MAP_ALL_TO_SEGMENTS",
    },
    DESTINATION: {
        "READ": "VIEW_ALL_DESTINATIONS",
        "WRITE": "EDIT_ALL_DESTINATIONS",
        "CREATE": "CREATE_DESTINATIONS",
        "DELETE": "DELETE_ALL_DESTINATIONS",
    },
    "DERIVED_SIGNALS": {},
    "TAGS": {},
}
"""What a group may do with one object of a type, and the name for doing it with all. Those of segments, and
`CREATE_DESTINATIONS`, are documented; the others are made after them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who calls.

    Attributes:
        user: who.
        unbound: may do everything.
        wildcards: what the user's groups may do with all objects.
        granted: what they may do with which object.
    """

    user: User
    unbound: bool
    wildcards: frozenset[str] = frozenset()
    granted: frozenset[tuple[str, int, str]] = frozenset()

    def may(self, permission: str, kind: str, number: int, maker: int = 0) -> bool:
        """Tell whether the caller may do something with an object. Who made it may do everything: an assumption."""
        everywhere = WILDCARDS[kind].get(permission) in self.wildcards
        return self.unbound or everywhere or maker == self.user.user_id or (kind, number, permission) in self.granted

    def require(self, permission: str, kind: str, number: int = 0, maker: int = 0) -> None:
        """Refuse a caller who may not."""
        if not self.may(permission, kind, number, maker):
            raise forbidden(f"Your groups have no permission {permission} for this {kind.lower()}.")

    def require_admin(self) -> None:
        """Refuse a caller who is no administrator."""
        if not self.unbound:
            raise forbidden("This is for administrators.")

    def permissions(self, kind: str, number: int, maker: int) -> Sequence[str]:
        """List what the caller may do with an object."""
        return [each for each in WILDCARDS[kind] if self.may(each, kind, number, maker)]


def user_of(store: Store, account: str) -> User:
    """Find the user of a technical account, who is made at the first call."""
    found = store.users.all(username=account)
    return found[0] if found else store.users.create(User(username=account, email_address=account, pid=PARTNER_ID))


def caller_of(store: Store, account: str, *, roles: bool) -> Caller:
    """Tell who calls. Refuses accounts that are no active user, where roles matter."""
    if not roles:
        return Caller(user_of(store, account), unbound=True)
    found = store.users.all(username=account)
    if not found:
        raise forbidden("You are no user yet: GET /v1/users/self makes you one.")
    [user] = found
    if user.status != "ACTIVE":
        raise forbidden(f"You are {user.status}.")
    groups = [group for number in user.groups if (group := store.groups.get(number)) is not None]
    permissions = store.permissions.all(group_id=tuple(group.group_id for group in groups))
    return Caller(
        user,
        unbound=user.is_admin,
        wildcards=frozenset(each for group in groups for each in group.wildcards),
        granted=frozenset(
            (each.object_type, each.object_id, name) for each in permissions for name in each.permissions
        ),
    )
