"""Compiles queries to SQL statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from audience_gateway_sandbox.campaign.expressions import Scope, Sql, condition_sql, joined, parse, value_sql
from audience_gateway_sandbox.campaign.faults import MethodError, unknown_schema, unparsable
from audience_gateway_sandbox.campaign.queries.query import Condition, Query
from audience_gateway_sandbox.campaign.queries.row_format import RowFormat
from audience_gateway_sandbox.campaign.schema import Schema

_NAME = r"[^\W\d][\w-]*"
_PLACE = re.compile(rf"\[?((?:{_NAME}/)*)@({_NAME})\]?")
_FUNCTION = re.compile(r"[^\W\d]\w*")
_ALWAYS = Sql("1 = 1")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that reads.

    Attributes:
        text: the SQL, with `?` for each parameter.
        format: how its rows are written.
    """

    text: str
    parameters: Sequence[str | int | float]
    format: RowFormat


class QueryCompiler:
    """Compiles queries over some schemas, at one moment."""

    def __init__(self, schemas: Mapping[str, Schema], now: datetime) -> None:
        self._schemas = schemas
        self._now = now

    def select(self, query: Query, rows: int) -> Statement:
        """Compile a query for at most so many of its rows. Raises MethodError."""
        schema = self._schema(query.schema)
        scope = Scope(schema, self._schemas)
        expressions = [(column.expression, column.alias) for column in query.columns] or _key_columns(schema)
        columns = [value_sql(parse(expression), scope, self._now) for expression, _ in expressions]
        paths = [_place(alias or expression, expression) for expression, alias in expressions]
        where = self._where(query.conditions, scope)
        groups = self._listed(" GROUP BY ", [(expression, False) for expression in query.groups], scope)
        having = self._where(query.group_conditions, scope)
        having = Sql(f" HAVING {having.text}", having.parameters) if query.group_conditions else Sql("")
        order = self._listed(" ORDER BY ", [(each.expression, each.descending) for each in query.orders], scope)
        selected = "DISTINCT " * query.distinct + ", ".join(column.text for column in columns)
        text = _reading(selected, scope, where) + f"{groups.text}{having.text}{order.text} LIMIT ? OFFSET ?"
        parts = (*columns, where, groups, having, order)
        parameters = [value for part in parts for value in part.parameters]
        kinds = [column.kind for column in columns]
        return Statement(text, [*parameters, rows, query.first], RowFormat(schema.name, paths, kinds))

    def count(self, query: Query) -> Statement:
        """Compile a query for the number of its rows. Raises MethodError."""
        scope = Scope(self._schema(query.schema), self._schemas)
        where = self._where(query.conditions, scope)
        return Statement(
            _reading("count(*)", scope, where), where.parameters, RowFormat(scope.schema.name, [("count",)], [None])
        )

    def _schema(self, schema_id: str) -> Schema:
        if schema_id not in self._schemas:
            raise unknown_schema(schema_id)
        return self._schemas[schema_id]

    def _where(self, conditions: Sequence[Condition], scope: Scope) -> Sql:
        """Join conditions as if they were written one behind the other: AND binds tighter than OR."""
        alternatives: list[list[Sql]] = [[]]
        for condition in conditions:
            alternatives[-1].append(self._condition(condition, scope))
            if condition.operator == "OR" and condition is not conditions[-1]:
                alternatives.append([])
        return joined("OR", [joined("AND", parts or [_ALWAYS]) for parts in alternatives])

    def _condition(self, condition: Condition, scope: Scope) -> Sql:
        if condition.set_operator.endswith("EXISTS") and condition.subquery is None:
            return self._linked(condition, scope)
        if condition.set_operator:
            return self._compared_with_subquery(condition, scope)
        parts = [condition_sql(parse(condition.expression), scope, self._now)] if condition.expression else []
        if condition.parts:
            parts.append(self._where(condition.parts, scope))
        return joined("AND", parts or [_ALWAYS])

    def _linked(self, condition: Condition, scope: Scope) -> Sql:
        linked = scope.inner(condition.expression)
        where = self._where(condition.parts, linked.scope)
        if linked.link.looked_up_first:
            operator = condition.set_operator.replace("EXISTS", "IN")
            text = f"{linked.here} {operator} ({_reading(linked.there, linked.scope, where)})"
        else:
            tied = Sql(f"{linked.there} = {linked.here} AND {where.text}")
            text = f"{condition.set_operator} ({_reading('1', linked.scope, tied)})"
        return Sql(text, where.parameters)

    def _compared_with_subquery(self, condition: Condition, scope: Scope) -> Sql:
        query = condition.subquery
        is_list = condition.set_operator.endswith("IN")
        if query is None or (is_list and len(query.columns) != 1):
            raise MethodError("XTK-170006 A set operator needs a subquery, IN one that selects a single column.")
        inner = scope.separate(self._schema(query.schema))
        value = value_sql(parse(condition.expression), scope, self._now) if is_list else Sql("")
        column = value_sql(parse(query.columns[0].expression), inner, self._now) if is_list else _ALWAYS
        where = self._where(query.conditions, inner)
        text = f"{value.text} {condition.set_operator} ({_reading(column.text, inner, where)})"
        return Sql(text, (*value.parameters, *column.parameters, *where.parameters))

    def _listed(self, keyword: str, expressions: Sequence[tuple[str, bool]], scope: Scope) -> Sql:
        if not expressions:
            return Sql("")
        values = [value_sql(parse(expression), scope, self._now) for expression, _ in expressions]
        parts = (_ordered(value, descending) for value, (_, descending) in zip(values, expressions, strict=True))
        return Sql(keyword + ", ".join(parts), tuple(parameter for value in values for parameter in value.parameters))


def _ordered(value: Sql, descending: bool) -> str:  # noqa: FBT001 - one of two directions
    order = " DESC" if descending else ""
    if value.kind is None or not value.kind.is_moment:
        return f"{value.text}{order}"
    # Databases differ in where times that are missing come.
    return f"{value.text}{order} NULLS {'LAST' if descending else 'FIRST'}"


def _reading(selected: str, scope: Scope, where: Sql) -> str:
    return f"SELECT {selected} FROM {scope.source} WHERE {where.text}"  # noqa: S608  # names of ours, no values


def _key_columns(schema: Schema) -> list[tuple[str, str]]:
    key = next(iter(schema.keys.values()))
    return [(f"[@{name}]", "") for name in key]


def _place(place: str, expression: str) -> tuple[str, ...]:
    """Find where a value goes: an XPath says it by itself, a computed value goes by its alias or its function."""
    found = _PLACE.fullmatch(place.strip())
    if found is not None:
        return (*found[1].split("/")[:-1], found[2])
    name = _FUNCTION.match(place)
    if name is None:
        raise unparsable(expression)
    return (name[0].lower() if place == expression else name[0],)
