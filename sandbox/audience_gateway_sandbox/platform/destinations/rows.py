"""Chooses the rows of an export, in the database (rtcdp 6.5, 6.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from audience_gateway_sandbox.platform.destinations.columns import Column
from audience_gateway_sandbox.platform.destinations.formats import Format, Rows
from audience_gateway_sandbox.platform.destinations.selectors import KeyField
from audience_gateway_sandbox.platform.storage import Space

_TABLE = "exported"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows an export has.

    Attributes:
        audience: whose members.
        columns: what of them.
        since: only members whose status became another after this moment, in microseconds; None for all members.
        mandatory: rows without these are left out.
        unique_by: of rows alike in these, one stays.
    """

    audience: str
    columns: Sequence[Column]
    since: int | None
    mandatory: Sequence[KeyField] = ()
    unique_by: Sequence[KeyField] = ()

    @property
    def with_exits(self) -> bool:
        """Whether rows tell who has left: in increments, if there is a column of statuses."""
        return self.since is not None and any(column.is_status for column in self.columns)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows there are: that were found, that lack what is mandatory, that are doubles, and the rest."""

    found: int
    skipped: int
    doubles: int

    @property
    def written(self) -> int:
        """Rows that are written."""
        return self.found - self.skipped - self.doubles


def choose(space: Space, selection: Selection) -> Counted:
    """Put the rows of an export into a table of their own, and count them."""
    database = space.database
    database.execute(f"DROP TABLE IF EXISTS temp.{_TABLE}")
    sql, parameters = _found(space, selection)
    database.execute(f"CREATE TEMP TABLE {_TABLE} AS {sql}", parameters)
    found = _number(space)
    for name in _names(selection, selection.mandatory):
        database.execute(f"DELETE FROM temp.{_TABLE} WHERE {name} IS NULL OR {name} = ''")
    kept = _number(space)
    if selection.unique_by:
        _leave_out_doubles(space, selection)
    counted = Counted(found, found - kept, kept - _number(space))
    _go_wrong(space, selection)
    return counted


def files(space: Space, selection: Selection, made: Format, largest: int) -> Iterator[Rows]:
    """Read the chosen rows, so many for each file, in the order of their profiles."""
    names = [f"c{number}" for number in range(len(selection.columns))]
    row, parameters = made.row_sql(names, [column.header for column in selection.columns])
    cursor = space.database.execute(
        f"SELECT {row} FROM temp.{_TABLE} ORDER BY profile, {', '.join(names)}",
        parameters,
    )
    for _ in count():
        rows = cursor.fetchmany(largest)
        if not rows:
            return
        yield rows


def _found(space: Space, selection: Selection) -> tuple[str, list[Any]]:
    columns = ", ".join(f"{column.sql} AS c{number}" for number, column in enumerate(selection.columns))
    parameters: list[Any] = [value for column in selection.columns for value in column.parameters]
    namespace = next((column.namespace for column in selection.columns if column.namespace), "")
    identities = " JOIN identity ON identity.profile = profile.id AND lower(identity.namespace) = lower(?)"
    exits = selection.with_exits and not space.faults.missing_exits
    statuses = "('realized', 'exited')" if exits else "('realized')"
    changed = "" if selection.since is None else " AND membership.changed > ?"
    sql = (
        f"SELECT profile.id AS profile, membership.qualified AS qualified, {columns} FROM membership"
        f" JOIN profile ON profile.id = membership.profile{identities if namespace else ''}"
        f" WHERE membership.audience = ? AND profile.space = ? AND membership.status IN {statuses}{changed}"
    )
    parameters += [namespace] if namespace else []
    return sql, [*parameters, selection.audience, space.name, *([] if selection.since is None else [selection.since])]


def _go_wrong(space: Space, selection: Selection) -> None:
    """Break the rows as the switches say; the counts tell nothing of it, as they would not."""
    if space.faults.existing_status:
        for number, column in enumerate(selection.columns):
            if column.is_status:
                space.database.execute(f"UPDATE temp.{_TABLE} SET c{number} = 'existing' WHERE c{number} = 'realized'")
    if space.faults.duplicate_rows:
        space.database.execute(f"INSERT INTO temp.{_TABLE} SELECT * FROM temp.{_TABLE}")


def _leave_out_doubles(space: Space, selection: Selection) -> None:
    """Keep the row that qualified last; of several, the first when sorted by the other columns."""
    keys = _names(selection, selection.unique_by)
    others = [f"c{number}" for number in range(len(selection.columns)) if f"c{number}" not in keys]
    order = ", ".join(["qualified DESC", *others, "profile"])
    if keys:
        space.database.execute(
            f"DELETE FROM temp.{_TABLE} WHERE rowid NOT IN (SELECT id FROM (SELECT rowid AS id, row_number()"
            f" OVER (PARTITION BY {', '.join(keys)} ORDER BY {order}) AS place FROM temp.{_TABLE}) WHERE place = 1)"
        )


def _names(selection: Selection, fields: Sequence[KeyField]) -> list[str]:
    return [
        f"c{number}" for number, column in enumerate(selection.columns) if any(field.is_of(column) for field in fields)
    ]


def _number(space: Space) -> int:
    return int(space.database.execute(f"SELECT count(*) FROM temp.{_TABLE}").fetchone()[0])
