"""Users, groups, and what a group may do (audience-manager 9)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who calls; a technical account is one.

    Attributes:
        groups: the groups that the user is in.
        is_admin: may do everything, in no group.
    """

    user_id: int = 0
    username: str
    status: str = "ACTIVE"
    first_name: str = ""
    last_name: str = ""
    email_address: str = ""
    title: str | None = None
    phone_number: str | None = None
    groups: tuple[int, ...] = ()
    is_admin: bool = False
    pid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of users.

    Attributes:
        wildcards: what it may do with all objects of a type, such as `VIEW_ALL_SEGMENTS`.
    """

    group_id: int = 0
    name: str
    description: str | None = None
    wildcards: tuple[str, ...] = ()
    pid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What a group may do with one object."""

    permission_id: int = 0
    group_id: int
    object_type: str
    object_id: int
    permissions: tuple[str, ...]
