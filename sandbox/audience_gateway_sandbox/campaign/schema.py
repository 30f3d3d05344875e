"""What a schema says of a table: attributes, keys and links (sandbox 3.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """Types of attributes, as schemas spell them."""

    BYTE = "byte"
    LONG = "long"
    UUID = "uuid"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"

    @property
    def is_number(self) -> bool:
        """Whether values are numbers in the database."""
        return self in {Kind.BYTE, Kind.LONG, Kind.UUID, Kind.BOOLEAN}

    @property
    def is_moment(self) -> bool:
        """Whether values are dates, with or without a time of day."""
        return self in {Kind.DATE, Kind.DATETIME}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a record.

    Attributes:
        name: as in XPaths, without `@`; with the element in front if it belongs to one: `location/@city`.
        kind: its type.
        column: the column that holds it; by default the name with underscores.
        label: what users see.
        required: whether the column is never NULL.
        alias_of: the attribute that this is another spelling of; it is not part of the published schema.
    """

    name: str
    kind: Kind = Kind.STRING
    column: str = ""
    label: str = ""
    required: bool = False
    alias_of: str = ""

    @property
    def sql(self) -> str:
        """The column's name, quoted."""
        return f'"{self.column or self.name.replace("-", "_")}"'


@dataclass(frozen=True, slots=True)
class Link:
    """A way from a record to others: those whose attribute `there` has the value of this record's `here`.

    Attributes:
        name: as in XPaths.
        target: id of the other schema.
        there: attribute of the target.
        here: attribute of this schema.
        unbound: whether it leads to any number of records, not to at most one.
        looked_up_first: whether conditions on the target tend to find so few records that a query had better begin
            with those than go through its own.
    """

    name: str
    target: str
    there: str
    here: str
    unbound: bool = False
    label: str = ""
    looked_up_first: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that is mapped to a table.

    Attributes:
        id: namespace and name, e.g. `nms:recipient`.
        table: its table.
        keys: attributes of each key by the key's name, in order of preference.
        indexes: attributes with an index of their own that the schema declares.
    """

    id: str
    table: str
    label: str
    label_singular: str
    attributes: tuple[Attribute, ...]
    keys: dict[str, tuple[str, ...]]
    links: tuple[Link, ...] = ()
    indexes: tuple[str, ...] = ()
    attribute_of: dict[str, Attribute] = field(init=False, repr=False)
    link_of: dict[str, Link] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "attribute_of", {each.name: each for each in self.attributes})
        object.__setattr__(self, "link_of", {each.name: each for each in self.links})

    @property
    def namespace(self) -> str:
        """The part of the id in front of the colon."""
        return self.id.partition(":")[0]

    @property
    def name(self) -> str:
        """The part of the id behind the colon: also the name of the root element."""
        return self.id.partition(":")[2]

    @property
    def has_own_id(self) -> bool:
        """Whether records are numbered by the database."""
        return "id" in self.attribute_of
