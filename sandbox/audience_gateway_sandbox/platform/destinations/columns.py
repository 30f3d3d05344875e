"""Columns of exported files: where their values come from, and what they are called (rtcdp 6.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from audience_gateway_sandbox.platform.wire import Refusal

_STATUS = re.compile(r"segmentMembership(?:\.[\w-]+\.[\w-]+)?\.status|segmentMembershipStatus")
_QUALIFIED = re.compile(r"segmentMembership(?:\.[\w-]+\.[\w-]+)?\.lastQualificationTime")
_IDENTITY = re.compile(r"identityMap\.([\w.]+?)(?:\[0\]\.id)?|IdentityMap:([\w.]+)")
_ATTRIBUTE = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_QUALIFIED_HEADER = "segmentMembership_lastQualificationTime"
_ISO = "strftime('%Y-%m-%dT%H:%M:%SZ', membership.qualified / 1000000, 'unixepoch')"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        path: where its values come from, as the flow has it.
        header: what it is called.
        sql: makes its values, of the tables membership, profile and identity.
        parameters: of the SQL.
        namespace: of an identity, whose values then make rows of their own.
        is_status: whether it tells who entered and who left.
    """

    path: str
    header: str
    sql: str
    parameters: tuple[str, ...] = ()
    namespace: str = ""
    is_status: bool = False


def column_of(path: str, header: str, status_header: str) -> Column:
    """Make the column of a source path.

    Args:
        path: `person.name.firstName`, `identityMap.ECID`, `segmentMembership.status`.
        header: what it is to be called; empty for the path with underscores instead of dots.
        status_header: the default name of the column of statuses.
    """
    if _STATUS.fullmatch(path):
        return Column(path, header or status_header, "membership.status", is_status=True)
    if _QUALIFIED.fullmatch(path):
        return Column(path, header or _QUALIFIED_HEADER, _ISO)
    if found := _IDENTITY.fullmatch(path):
        return identity_column(found[1] or found[2], header)
    if not _ATTRIBUTE.fullmatch(path):
        raise Refusal(400, "A profile selector needs a path of names with dots between them.")
    place = "$" + "".join(f'."{name}"' for name in path.split("."))
    # Arrays, maps and objects are not exported to files.
    sql = (
        "CASE WHEN json_type(profile.entity, ?) IN ('object', 'array') THEN NULL"
        " WHEN json_type(profile.entity, ?) IN ('true', 'false') THEN json_type(profile.entity, ?)"
        " ELSE CAST(json_extract(profile.entity, ?) AS TEXT) END"
    )
    return Column(path, header or path.replace(".", "_"), sql, (place,) * 4)


def identity_column(namespace: str, header: str) -> Column:
    """Make the column of the identities of a namespace; one row for each."""
    return Column(f"identityMap.{namespace}", header or namespace, "identity.value", namespace=namespace)
