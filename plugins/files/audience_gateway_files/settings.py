"""What a files connection is configured with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from audience_gateway.sdk import DataSource, Folder, Settings
from audience_gateway.sdk.row_files.header import Column
from pydantic import Field, StringConstraints, model_validator

from audience_gateway_files.layout import Layout

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,254}$")]

_MEBIBYTE = 1024 * 1024
_ID_COLUMNS = "Columns of ids by the name of a data source, or else by an id type; for all others `id_column`."


class IndexSettings(Settings):
    """A crosswalk file: which record owns which id."""

    file: FileName = Field(description="Name of the file in the bucket.")
    id_column: Column = Field("id", description="Column of the id.")
    id_columns: Mapping[str, Column] = Field(default_factory=dict, description=_ID_COLUMNS)
    target_column: Column = Field("target", description="Column of the record's key.")
    last_seen_column: Column | None = Field(None, description="Column of the time the id was last seen, ISO 8601.")
    opted_out_column: Column | None = Field(
        None, description="Column of the opt-out; anything but empty, 0, n, no, f or false means opted out."
    )
    encoded: bool = Field(False, description="Whether the ids already went through the data source's codec.")

    def id_column_of(self, source: DataSource) -> Column:
        """The column of the ids of a data source."""
        return _of(source, self.id_columns, self.id_column)


class ChangesSettings(Settings):
    """How changes are written."""

    folder: Folder = Field(
        "changes/", description="Folder of the bucket for files of changes, with a slash at its end."
    )
    column: str = Field(
        "change", min_length=1, description="Column that says in each row whether to `add` or to `remove` its member."
    )
    members_a_file: int = Field(250_000, ge=1, le=10_000_000, description="At most so many members a file.")


class FilesSettings(Settings):
    """A directory or a bucket with files, one audience a file."""

    bucket: str = Field(
        min_length=1,
        description="Where the files are: `file:///directory`, `s3://bucket/prefix`, `az://container/prefix`"
        " or `sftp://user@host/directory`.",
    )
    bucket_credentials: str = Field("", description="Name of `[credentials.*]` that opens the bucket.")
    id_column: Column = Field("id", description="Column of the id.")
    id_columns: Mapping[str, Column] = Field(default_factory=dict, description=_ID_COLUMNS)
    header: bool = Field(True, description="Whether delimited text begins with a line of column names.")
    delimiter: Annotated[str, StringConstraints(pattern=r"^[\x01-\x7f]$")] | None = Field(
        None, description="One character between columns; by default `,` for csv and TAB for tsv."
    )
    change_column: Column | None = Field(
        None,
        description="Column that says in each row whether to `add` or to `remove` its member; files are then changes,"
        " and are shared in mode `delta`.",
    )
    encoded: bool = Field(False, description="Whether the ids already went through the data source's codec.")
    max_row_bytes: int = Field(
        _MEBIBYTE, ge=1, le=64 * _MEBIBYTE, description="Longest row, in bytes; a longer one is rejected."
    )
    index: IndexSettings | None = Field(None, description="Crosswalk that ids are reconciled with.")
    changes: ChangesSettings | None = Field(
        None, description="If set, a transfer writes files of its joiners and leavers, instead of everybody anew."
    )

    @model_validator(mode="after")
    def _two_columns(self) -> Self:
        if self.changes is not None and self.changes.column == self.layout().column:
            raise ValueError("changes.column: found the column of the id; name another one")
        return self

    def layout(self, said: tuple[tuple[str, str], ...] = ()) -> Layout:
        """The columns of a file that is written; `said` are those behind the ids, each with its text."""
        column = self.id_column if isinstance(self.id_column, str) else "id"
        return Layout(column=column, said=said, header=self.header, delimiter=self.delimiter)

    def id_column_of(self, source: DataSource) -> Column:
        """The column of the ids of a data source."""
        return _of(source, self.id_columns, self.id_column)


def _of(source: DataSource, columns: Mapping[str, Column], others: Column) -> Column:
    return columns.get(source.name, columns.get(source.id_type, others))
