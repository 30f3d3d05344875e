"""Writes one record with the records it is linked to, whatever its schema (sandbox 3.8, campaign 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.campaign.elements import Element, children, local_name
from audience_gateway_sandbox.campaign.faults import MethodError
from audience_gateway_sandbox.campaign.schema import Link, Schema
from audience_gateway_sandbox.campaign.times import time_text
from audience_gateway_sandbox.campaign.writing.memberships import MEMBERSHIP, refuse, require
from audience_gateway_sandbox.campaign.writing.operation import Operation, key_of, operation_of
from audience_gateway_sandbox.campaign.writing.values import Value, values_of

_FOLDER_OF = {"nms:group": "nmsGroup", "nms:recipient": "nmsRootFolder"}
_NO_VALUES: Mapping[str, Value] = {}
_REFUSED_BY = {MEMBERSHIP: ("recipient-id",), "nms:recipient": ("id", "email")}


class RecordWriter:
    """Writes elements as records, within a transaction of the caller's.

    Args:
        database: the tables.
        schemas: what is known of them.
        now: when records are created and changed.
        refused: why records cannot be written, by what names them.
    """

    def __init__(
        self, database: Database, schemas: Mapping[str, Schema], now: datetime, refused: Mapping[str, str]
    ) -> None:
        self._database = database
        self._schemas = schemas
        self._now = time_text(now)
        self._refused = refused

    def write(self, element: Element, schema: Schema, owner: Mapping[str, Value] = _NO_VALUES) -> dict[str, Value]:
        """Write an element, those it links to first and those it owns last. Raises MethodError.

        Args:
            element: the record.
            schema: what it is.
            owner: values that tie it to the record it is written inside of; part of its key.

        Returns:
            The record's values, as far as they are known; empty if it is not there.
        """
        operation = operation_of(element)
        values = values_of(element, schema) | self._link_values(element, schema, operation) | dict(owner)
        refuse((str(values.get(name, "")) for name in _REFUSED_BY.get(schema.id, ())), self._refused)
        known = {} if operation is Operation.INSERT else self._find(element, schema, values, owner)
        record = self._apply(operation, schema, known, values)
        if record and operation is not Operation.DELETE:
            self._write_owned(element, schema, record)
        return record

    def _apply(
        self, operation: Operation, schema: Schema, known: dict[str, Value], values: dict[str, Value]
    ) -> dict[str, Value]:
        match operation:
            case Operation.DELETE:
                self._delete(schema, known)
            case Operation.NONE:
                if not known:
                    raise MethodError(f"XTK-170010 A record of '{schema.id}' that the document names is not there.")
            case Operation.UPDATE if not known:
                return {}
            case _ if known:
                self._update(schema, known, values)
            case _:
                return self._insert(schema, values)
        return known | values

    def _link_values(self, element: Element, schema: Schema, operation: Operation) -> dict[str, Value]:
        """Write or look up the records that bound links lead to, and answer the attributes that hold the links."""
        values: dict[str, Value] = {}
        for inner, link in _linked(element, schema):
            if not link.unbound:
                target = self._schemas[link.target]
                reads_only = operation in {Operation.DELETE, Operation.NONE}
                record = self._lookup(inner, target) if reads_only else self.write(inner, target)
                values[link.here] = record.get(link.there, 0)
        return values

    def _lookup(self, element: Element, schema: Schema) -> dict[str, Value]:
        values = values_of(element, schema) | self._link_values(element, schema, Operation.NONE)
        return self._find(element, schema, values, _NO_VALUES)

    def _write_owned(self, element: Element, schema: Schema, record: Mapping[str, Value]) -> None:
        for inner, link in _linked(element, schema):
            if link.unbound:
                self.write(inner, self._schemas[link.target], {link.there: record[link.here]})

    def _find(
        self, element: Element, schema: Schema, values: Mapping[str, Value], owner: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Find a record by its key; its own columns of all keys are answered, nothing if it is not there."""
        key = dict.fromkeys((*key_of(element, schema, values), *owner))
        names = list(dict.fromkeys(name for names in schema.keys.values() for name in names))
        columns = ", ".join(schema.attribute_of[name].sql for name in names)
        where = " AND ".join(f"{schema.attribute_of[name].sql} = ?" for name in key)
        text = f'SELECT {columns} FROM "{schema.table}" WHERE {where} LIMIT 1'  # noqa: S608  # names of ours
        row = self._database.execute(text, [values[name] for name in key]).fetchone()
        return {} if row is None else dict(zip(names, row, strict=True))

    def _insert(self, schema: Schema, values: Mapping[str, Value]) -> dict[str, Value]:
        if schema.id == MEMBERSHIP:
            require(self._database, "list_group", {_id(values, "rcpGroup-id")})
            require(self._database, "recipient", {_id(values, "recipient-id")})
        record = self._stamps(schema, "created", "lastModified") | self._folder(schema) | dict(values)
        if record.get("id") == 0:
            del record["id"]
        columns = ", ".join(schema.attribute_of[name].sql for name in record)
        places = ", ".join("?" * len(record))
        # A record of its own id that is there already is an error, a membership is not.
        end = "RETURNING id" if schema.has_own_id else "ON CONFLICT DO NOTHING" if schema.id == MEMBERSHIP else ""
        text = f'INSERT INTO "{schema.table}" ({columns}) VALUES ({places}) {end}'  # noqa: S608  # names of ours
        inserted = self._database.execute(text, list(record.values()))
        return record | ({"id": inserted.fetchone()[0]} if schema.has_own_id else {})

    def _update(self, schema: Schema, known: Mapping[str, Value], values: Mapping[str, Value]) -> None:
        changed = {name: value for name, value in values.items() if name not in known or known[name] != value}
        if not changed:
            return
        changed |= self._stamps(schema, "lastModified")
        sets = ", ".join(f"{schema.attribute_of[name].sql} = ?" for name in changed)
        text, key = self._by_key(schema, known)
        self._database.execute(f'UPDATE "{schema.table}" SET {sets} {text}', [*changed.values(), *key])  # noqa: S608  # names of ours

    def _delete(self, schema: Schema, known: Mapping[str, Value]) -> None:
        if not known:
            return
        for link in schema.links:
            if link.unbound:
                target = self._schemas[link.target]
                column = target.attribute_of[link.there].sql
                owned = f'DELETE FROM "{target.table}" WHERE {column} = ?'  # noqa: S608  # names of ours
                self._database.execute(owned, [known[link.here]])
        text, key = self._by_key(schema, known)
        self._database.execute(f'DELETE FROM "{schema.table}" {text}', key)  # noqa: S608  # names of ours

    def _by_key(self, schema: Schema, known: Mapping[str, Value]) -> tuple[str, list[Value]]:
        names = next(iter(schema.keys.values()))
        where = " AND ".join(f"{schema.attribute_of[name].sql} = ?" for name in names)
        return f"WHERE {where}", [known[name] for name in names]

    def _stamps(self, schema: Schema, *names: str) -> dict[str, Value]:
        return {name: self._now for name in names if name in schema.attribute_of}

    def _folder(self, schema: Schema) -> dict[str, Value]:
        """Choose the folder of a record that names none: the one made for its kind, else the first one."""
        if "folder-id" not in schema.attribute_of:
            return {}
        choice = "SELECT id FROM folder ORDER BY name = ? DESC, id LIMIT 1"
        row = self._database.execute(choice, (_FOLDER_OF.get(schema.id, ""),)).fetchone()
        return {} if row is None else {"folder-id": row[0]}


def _linked(element: Element, schema: Schema) -> list[tuple[Element, Link]]:
    pairs = ((inner, schema.link_of.get(local_name(inner))) for inner in children(element))
    return [(inner, link) for inner, link in pairs if link is not None]


def _id(values: Mapping[str, Value], name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0
