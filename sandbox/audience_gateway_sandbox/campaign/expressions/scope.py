"""One record and those it is linked to, as tables of a query."""

from __future__ import annotations

from itertools import count

from audience_gateway_sandbox.campaign.catalogue import SCHEMAS
from audience_gateway_sandbox.campaign.expressions.tree import ExpressionError, Path
from audience_gateway_sandbox.campaign.schema import Attribute, Link, Schema


class Scope:
    """Finds the columns that paths lead to, and joins the tables on the way.

    Args:
        schema: what the record is.
        numbers: numbers of aliases, shared by all scopes of one query.
    """

    def __init__(self, schema: Schema, numbers: count[int] | None = None) -> None:
        self.schema = schema
        self._numbers = numbers or count()
        self._alias = f"t{next(self._numbers)}"
        self._joined: dict[tuple[str, ...], tuple[str, Schema]] = {(): (self._alias, schema)}
        self._joins: list[str] = []

    @property
    def tables(self) -> str:
        """What follows FROM, once all paths are known."""
        return " ".join([f'"{self.schema.table}" AS {self._alias}', *self._joins])

    def column(self, path: Path) -> tuple[str, Attribute]:
        """Find the column of a path. Raises ExpressionError if there is no such link or attribute."""
        alias, schema = self._reach(tuple(path.links))
        attribute = schema.attribute_of.get(path.attribute)
        if attribute is None:
            raise ExpressionError("/".join([*path.links, f"@{path.attribute}"]))
        attribute = schema.attribute_of[attribute.alias_of or attribute.name]
        return f"{alias}.{attribute.sql}", attribute

    def linked(self, name: str) -> tuple[Scope, str]:
        """Open the scope of a link's records, with the condition that they belong to this record."""
        link = self.schema.link_of.get(name)
        if link is None:
            raise ExpressionError(name)
        inner = Scope(SCHEMAS[link.target], self._numbers)
        return inner, _join_condition(link, self.schema, self._alias, inner.schema, inner._alias)

    def _reach(self, links: tuple[str, ...]) -> tuple[str, Schema]:
        if links not in self._joined:
            alias, schema = self._reach(links[:-1])
            link = schema.link_of.get(links[-1])
            if link is None:
                raise ExpressionError("/".join(links))
            target, joined = SCHEMAS[link.target], f"t{next(self._numbers)}"
            self._joins.append(
                f'LEFT JOIN "{target.table}" AS {joined} ON {_join_condition(link, schema, alias, target, joined)}'
            )
            self._joined[links] = (joined, target)
        return self._joined[links]


def _join_condition(link: Link, here: Schema, here_alias: str, there: Schema, there_alias: str) -> str:
    return f"{there_alias}.{there.attribute_of[link.there].sql} = {here_alias}.{here.attribute_of[link.here].sql}"
