"""Which columns of an exported file hold the ids, the status, the last qualification and consents (rtcdp 6.5, 8.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from audience_gateway.sdk import ConfigError, DataSource
from audience_gateway.sdk.row_files.header import shown

from audience_gateway_rtcdp.files.file_settings import FileSettings


@dataclass(frozen=True, slots=True)
class Columns:
    """Numbers of columns, counted from 1.

    Attributes:
        id: the id.
        status: the status of the membership; None if it is not mapped.
        qualified: the time of the last qualification; None if it is not mapped.
        device: the device; None if it is not mapped, does not matter, or is the only id.
        consents: consents that are mapped, each with the name that the settings have for it.
        further: the ids of further data sources, in their order.
    """

    id: int
    status: int | None
    qualified: int | None
    device: int | None = None
    consents: tuple[tuple[int, str], ...] = ()
    further: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """Those of ids, in the order of their data sources."""
        return self.id, *self.further

    @property
    def wanted(self) -> list[int]:
        """Those that are there: ids, status, qualification, device, consents."""
        once = [column for column in (self.status, self.qualified, self.device) if column is not None]
        return [*self.ids, *once, *(column for column, _ in self.consents)]


def id_column(settings: FileSettings, source: DataSource) -> str:
    """Name of the column that holds the ids of a data source. Raises ConfigError if nobody has said."""
    found = settings.id_columns.get(source.name) or settings.id_columns.get(source.id_type)
    if found is None:
        raise ConfigError(
            "found no column for the ids of this data source",
            place=f"settings.files.id_columns.{source.name}",
            remedy="Set it to the column of the identity or the attribute that the activation maps.",
        )
    return found


def require_distinct(settings: FileSettings, sources: Sequence[DataSource]) -> None:
    """Raises ConfigError if a data source has no column, or several have the same."""
    columns = dict[str, str]()
    for source in sources:
        other = columns.setdefault(_plain(id_column(settings, source)), source.name)
        if other != source.name:
            raise ConfigError(
                f"it has the same column as `{other}`",
                place=f"settings.files.id_columns.{source.name}",
                remedy="Name the column of each data source by the data source's name.",
            )


def find_columns(
    header: Sequence[str],
    settings: FileSettings,
    sources: Sequence[DataSource],
    place: str,
    consents: Sequence[str] = (),
) -> Columns:
    """Finds the columns by their names, with dots or underscores, whatever their case.

    Raises ConfigError, with the names in the header, if one of the ids is not there, or a column is there twice.
    """
    names = [_plain(name) for name in header]
    first, *further = (_id(header, settings, source, place) for source in sources)
    return Columns(
        first,
        _optional(names, settings.status_columns, place),
        _optional(names, settings.time_columns, place),
        _device(names, settings, None if further else first),
        tuple((names.index(_plain(each)) + 1, each) for each in consents if _plain(each) in names),
        tuple(further),
    )


def has_column(header: Sequence[str], name: str) -> bool:
    """Whether a header has a column of this name."""
    return _plain(name) in map(_plain, header)


def _id(header: Sequence[str], settings: FileSettings, source: DataSource, place: str) -> int:
    wanted = id_column(settings, source)
    ids = [number for number, name in enumerate(header, 1) if _plain(name) == _plain(wanted)]
    if len(ids) != 1:
        count = "more than one column" if ids else "no column"
        raise ConfigError(
            f"there is {count} `{wanted}`, found: {shown(header)}",
            place=place,
            remedy=f"Map the field in the activation, or set `files.id_columns.{source.name}` to the column's name; a"
            " field with the label C12 is never exported.",
        )
    return ids[0]


def _device(names: Sequence[str], settings: FileSettings, only_id: int | None) -> int | None:
    if settings.shared_devices == "share":
        return None
    found = (number for number, name in enumerate(names, 1) if _is_one_of(name, settings.device_columns))
    first = next(found, None)
    return None if first == only_id else first


def _optional(names: Sequence[str], aliases: Sequence[str], place: str) -> int | None:
    found = [number for number, name in enumerate(names, 1) if _is_one_of(name, aliases)]
    if len(found) > 1:
        raise ConfigError(
            f"there is more than one column for `{aliases[0]}`",
            place=place,
            remedy="Map the status of one audience, or name its column in `files.status_columns`.",
        )
    return found[0] if found else None


def _is_one_of(name: str, aliases: Sequence[str]) -> bool:
    return any(fnmatchcase(name, _plain(alias)) for alias in aliases)


def _plain(name: str) -> str:
    return name.strip().replace(".", "_").casefold()
