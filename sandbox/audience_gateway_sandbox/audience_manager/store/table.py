"""A table that holds values of one dataclass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_type_hints

from audience_gateway_sandbox.audience_manager.store.codec import Codec, codec_of
from audience_gateway_sandbox.campaign.database import SqliteDatabase

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Value = TypeVar("Value", bound=DataclassInstance)
else:
    Value = TypeVar("Value")


class Table(Generic[Value]):
    """Values by their number, in a database. Its names are constants of this distribution; values are parameters.

    Args:
        database: where the table is; it is made if it is not there.
        name: its name.
        kind: the dataclass; each field is a column.
        key: the field that holds the number. Numbers are never used again.
        indexed: fields that are often asked for.
    """

    def __init__(
        self, database: SqliteDatabase, name: str, kind: type[Value], key: str, indexed: Sequence[str] = ()
    ) -> None:
        self._database, self._name, self._kind, self._key = database, name, kind, key
        self._codecs = _codecs_of(kind)
        self._columns = ", ".join(f'"{column}"' for column in self._codecs)
        columns = [
            f'"{column}" INTEGER PRIMARY KEY AUTOINCREMENT' if column == key else f'"{column}" {codec.sql}'
            for column, codec in self._codecs.items()
        ]
        database.execute(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)})")
        for column in indexed:
            database.execute(f'CREATE INDEX IF NOT EXISTS {name}_{column} ON {name} ("{column}")')

    def get(self, number: int) -> Value | None:
        """Read one value; None if there is none of this number."""
        found = self.all(**{self._key: number})
        return found[0] if found else None

    def all(self, **having: Any) -> list[Value]:  # noqa: ANN401 - the types are those of the fields
        """Read the values whose fields are as told, one or a tuple of allowed ones, in ascending order of number."""
        where, parameters = self._where(having)
        rows = self._database.execute(
            f'SELECT {self._columns} FROM {self._name}{where} ORDER BY "{self._key}"',  # noqa: S608 - see the class
            parameters,
        )
        decoders = [codec.decode for codec in self._codecs.values()]
        names = list(self._codecs)
        return [
            self._kind(**{name: decode(value) for name, decode, value in zip(names, decoders, row, strict=True)})
            for row in rows
        ]

    def count(self, **having: Any) -> int:  # noqa: ANN401 - the types are those of the fields
        """Count the values whose fields are as told."""
        where, parameters = self._where(having)
        statement = f"SELECT count(*) FROM {self._name}{where}"  # noqa: S608 - see the class
        (number,) = self._database.execute(statement, parameters).fetchone()
        return int(number)

    def create(self, value: Value) -> Value:
        """Store a new value; a number of 0 is replaced by the next one. Raises one of ERRORS if it is taken."""
        row = self._encoded(value)
        row[self._key] = row[self._key] or None
        places = ", ".join("?" * len(row))
        statement = f"INSERT INTO {self._name} ({self._columns}) VALUES ({places})"  # noqa: S608 - see the class
        number = self._write(statement, tuple(row.values()))
        return replace(value, **{self._key: number})

    def update(self, value: Value) -> None:
        """Store a value in the place of the one of its number."""
        row = self._encoded(value)
        places = ", ".join(f'"{column}" = ?' for column in row)
        statement = f'UPDATE {self._name} SET {places} WHERE "{self._key}" = ?'  # noqa: S608 - see the class
        self._write(statement, (*row.values(), row[self._key]))

    def delete(self, number: int) -> None:
        """Remove the value of a number, if there is one."""
        self._write(f'DELETE FROM {self._name} WHERE "{self._key}" = ?', (number,))  # noqa: S608 - see the class

    def _write(self, statement: str, parameters: Sequence[Any]) -> int:
        """Run a statement, in a transaction of its own if there is none around it; tell the last new number."""
        with nullcontext() if self._database.in_transaction else self._database:
            return self._database.execute(statement, parameters).lastrowid or 0

    def _encoded(self, value: Value) -> dict[str, Any]:
        return {name: codec.encode(getattr(value, name)) for name, codec in self._codecs.items()}

    def _where(self, having: dict[str, Any]) -> tuple[str, list[Any]]:
        conditions, parameters = [], []
        for name, wanted in having.items():
            values = wanted if isinstance(wanted, tuple) else (wanted,)
            conditions.append(f'"{name}" IN ({", ".join("?" * len(values))})')
            parameters += [self._codecs[name].encode(value) for value in values]
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), parameters


@cache
def _codecs_of(kind: type[DataclassInstance]) -> Mapping[str, Codec]:
    hints = get_type_hints(kind)
    return {field.name: codec_of(hints[field.name]) for field in fields(kind)}
