"""Writes many memberships by one statement: a collection whose rows name list and recipient by their ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.campaign.elements import Element, child
from audience_gateway_sandbox.campaign.faults import MethodError
from audience_gateway_sandbox.campaign.schema import Schema
from audience_gateway_sandbox.campaign.writing.operation import Operation, key_of, operation_of
from audience_gateway_sandbox.campaign.writing.values import values_of

Pair = tuple[int, int]

MEMBERSHIP = "nms:rcpGrpRel"
_LIST, _RECIPIENT = "rcpGroup-id", "recipient-id"
_WRITE = {
    Operation.INSERT: "INSERT INTO membership (group_id, recipient_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
    Operation.INSERT_OR_UPDATE: "INSERT INTO membership (group_id, recipient_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
    Operation.DELETE: "DELETE FROM membership WHERE group_id = ? AND recipient_id = ?",
}


def plain_memberships(rows: Sequence[Element], schema: Schema) -> tuple[Operation, list[Pair]] | None:
    """Read rows as pairs of list and recipient; None if one of them says more than that."""
    if not rows or schema.id != MEMBERSHIP:
        return None
    operations = {row.get("_operation", "") for row in rows}
    keys = {row.get("_key", "") for row in rows}
    if len(operations) > 1 or len(keys) > 1 or any(child(row) is not None for row in rows):
        return None
    operation = operation_of(rows[0])
    if operation not in _WRITE or set(key_of(rows[0], schema, {_LIST, _RECIPIENT})) != {_LIST, _RECIPIENT}:
        return None
    pairs: list[Pair] = []
    for row in rows:
        values = values_of(row, schema)
        group, recipient = values.get(_LIST), values.get(_RECIPIENT)
        if not isinstance(group, int) or not isinstance(recipient, int):
            return None
        pairs.append((group, recipient))
    return operation, pairs


def write_memberships(
    database: Database, operation: Operation, pairs: Sequence[Pair], refused: Mapping[str, str]
) -> None:
    """Add or remove memberships; what is as asked for already stays so. Raises MethodError."""
    refuse((str(recipient) for _, recipient in pairs), refused)
    if operation is not Operation.DELETE:
        require(database, "list_group", {group for group, _ in pairs})
        require(database, "recipient", {recipient for _, recipient in pairs})
    database.executemany(_WRITE[operation], pairs)


def refuse(names: Iterable[str], refused: Mapping[str, str]) -> None:
    """Fail with its own text if one of the records is to be refused. Raises MethodError."""
    for name in names if refused else ():
        if name in refused:
            raise MethodError(refused[name])


def require(database: Database, table: str, ids: set[int]) -> None:
    """Fail unless a table has records of all these ids. Raises MethodError."""
    listed = "SELECT CAST(value AS BIGINT) FROM json_each(?)"
    there = f"SELECT count(*) FROM {table} WHERE id IN ({listed})"  # noqa: S608  # names of ours
    (found,) = database.execute(there, (json.dumps(list(ids)),)).fetchone()
    if found != len(ids):
        raise MethodError(f"XTK-170010 A record of '{table}' that the document names is not there.")
