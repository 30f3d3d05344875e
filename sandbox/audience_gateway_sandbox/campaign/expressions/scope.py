"""Where the attributes of an expression come from: a table and those that its links lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from audience_gateway_sandbox.campaign.faults import unknown_attribute
from audience_gateway_sandbox.campaign.schema import Attribute, Link, Schema


class Scope:
    """A table under an alias, and the tables joined to it so far.

    Args:
        schema: of the table.
        schemas: of all tables.
        aliases: gives each table of one statement an alias of its own.
    """

    def __init__(self, schema: Schema, schemas: Mapping[str, Schema], aliases: Iterator[int] | None = None) -> None:
        self.schema = schema
        self._schemas = schemas
        self._aliases = count() if aliases is None else aliases
        self.alias = f"t{next(self._aliases)}"
        self._joined: dict[str, Scope] = {}
        self._joins: list[str] = []

    @property
    def source(self) -> str:
        """The tables, as behind FROM; ask once everything is resolved."""
        return " ".join((f"{self.schema.table} AS {self.alias}", *self._joins))

    def resolve(self, xpath: str) -> tuple[Scope, Attribute]:
        """Find the table and the attribute of an XPath, joining what lies on the way. Raises MethodError."""
        *links, last = xpath.strip("[] ").split("/")
        if links and (found := self._of_element(links, last)) is not None:
            return found
        scope = self._follow(links)
        attribute = scope.schema.attribute_of.get(last[1:]) if last.startswith("@") else None
        if attribute is None:
            raise unknown_attribute(xpath, scope.schema.id)
        return scope, attribute

    def inner(self, xpath: str) -> Linked:
        """Open the scope of the records that a link leads to. Raises MethodError."""
        *links, last = xpath.strip("[] ").split("/")
        scope = self._follow(links)
        link = scope.schema.link_of.get(last)
        if link is None:
            raise unknown_attribute(xpath, scope.schema.id)
        inner = Scope(self._schemas[link.target], self._schemas, self._aliases)
        there, here = inner.schema.attribute_of[link.there], scope.schema.attribute_of[link.here]
        return Linked(inner, link, f"{inner.alias}.{there.sql}", f"{scope.alias}.{here.sql}")

    def separate(self, schema: Schema) -> Scope:
        """Open the scope of another table of the same statement, tied to nothing."""
        return Scope(schema, self._schemas, self._aliases)

    def _of_element(self, links: list[str], last: str) -> tuple[Scope, Attribute] | None:
        """Find an attribute that belongs to an element of a record, which needs no table of its own."""
        name = f"{links[-1]}/{last}"
        if not any(name in schema.attribute_of for schema in self._schemas.values()):
            return None
        scope = self._follow(links[:-1])
        attribute = scope.schema.attribute_of.get(name)
        return None if attribute is None else (scope, attribute)

    def _follow(self, links: list[str]) -> Scope:
        scope = self
        for depth, link in enumerate(links, 1):
            path = "/".join(links[:depth])
            if path not in self._joined:
                linked = scope.inner(link)
                self._joined[path] = linked.scope
                table = f"{linked.scope.schema.table} AS {linked.scope.alias}"
                self._joins.append(f"LEFT JOIN {table} ON {linked.there} = {linked.here}")
            scope = self._joined[path]
        return scope


@dataclass(frozen=True, slots=True)
class Linked:
    """The records that a link leads to.

    Attributes:
        scope: their table.
        link: the link.
        there: the column of theirs that is equal to `here`.
        here: the column of the record that the link begins at.
    """

    scope: Scope
    link: Link
    there: str
    here: str
