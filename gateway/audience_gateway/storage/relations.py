"""DuckDB under a memory limit, reading and writing Parquet files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway.storage.atomic_file import publishing, replacing

_SCAN_ROWS = 16_384
_GROUP_ROWS = 8_192
# The encodings of version 2 are read in less time. Reasons are few, and a dictionary of ids is made in vain.
_FORMAT = "FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 256"


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What queries may use.

    Attributes:
        memory_limit: DuckDB's memory limit, e.g. `512MB`; more is spilled to disk.
        threads: threads of all queries together.
    """

    memory_limit: str = "512MB"
    threads: int = 2


class Session:
    """Relations by name, and queries over them; gone when the session ends."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def view(self, name: str, query: str) -> None:
        """Names a query; it runs wherever the name is used."""
        self._connection.execute(f"CREATE TEMP VIEW {name} AS {query}")

    def table(self, name: str, query: str) -> None:
        """Names the rows of a query, which runs once."""
        self._connection.execute(f"CREATE TEMP TABLE {name} AS {query}")

    def arrow(self, name: str, columns: pa.Table) -> None:
        """Names an Arrow table."""
        batches = columns.to_batches(max_chunksize=_SCAN_ROWS)  # a batch is what one thread scans
        self._connection.register(name, pa.Table.from_batches(batches, columns.schema))

    def publish(self, query: str, path: Path, footer: Mapping[str, str] | None = None, *, ordered_by: str = "") -> int:
        """Writes the rows of a query to a Parquet file and answers how many there are.

        A file that is there counts, and the query does not run: a repeat sees what the first run has made. Of a file
        that is `ordered_by` some columns, a query for a range of them reads little else.
        """
        if not path.exists():
            with publishing(path) as temporary:
                self._copy(query, temporary, footer, ordered_by=ordered_by)
        return count_rows(path)

    def write(self, query: str, path: Path, footer: Mapping[str, str] | None = None) -> None:
        """Writes the rows of a query to a Parquet file, whatever was there."""
        with replacing(path) as temporary:
            self._copy(query, temporary, footer)

    def publish_partitions(
        self,
        query: str,
        directory: Path,
        partition: str,
        name: Callable[[int], str],
        footer: Mapping[str, str] | None = None,
    ) -> None:
        """Writes the rows of a query to Parquet files in one directory for each partition that has any.

        Args:
            query: its columns are those of the files.
            directory: the directory of those directories, which is not there yet.
            partition: expression of a row's partition, which is a number.
            name: makes the name of a partition's directory.
            footer: what each file says about itself.
        """
        directory.mkdir(parents=True)
        self._copy(
            f"SELECT *, {partition} AS partition FROM ({query})",
            directory,
            footer,
            f", PARTITION_BY (partition), ROW_GROUP_SIZE {_GROUP_ROWS}",
        )
        for made in sorted(directory.glob("partition=*")):
            made.rename(directory / name(int(made.name.partition("=")[2])))

    def _copy(
        self, query: str, path: Path, footer: Mapping[str, str] | None, more: str = "", *, ordered_by: str = ""
    ) -> None:
        entries = ", ".join(f"{name}: {literal(text)}" for name, text in (footer or {}).items())
        options = (f", KV_METADATA {{{entries}}}" if entries else "") + more
        if ordered_by:
            query = f"FROM ({query}) ORDER BY {ordered_by}"
            options += f", ROW_GROUP_SIZE {_GROUP_ROWS}"
        self._connection.execute(f"COPY ({query}) TO {literal(str(path))} ({_FORMAT}{options})")

    def rows(self, query: str, parameters: Sequence[str | int | float | bool | None] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query, for results that are few."""
        return self._connection.execute(query, list(parameters)).fetchall()

    def read(self, query: str) -> pa.Table:
        """The rows of a query as an Arrow table."""
        return self._connection.sql(query).to_arrow_table()

    def batches(self, query: str, rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of a query in batches of so many, each made when it is asked for: for results that are many."""
        yield from self._connection.sql(query).to_arrow_reader(rows)


class Relations:
    """Opens sessions, which share memory and threads; use it as a context manager.

    Args:
        scratch: directory that queries spill to, each in a directory of its own in there.
        limits: what all sessions together may use.
        places: is held while a session is open, to limit how many work at a time; None for no limit.
    """

    def __init__(
        self, scratch: Path, limits: QueryLimits, places: AbstractContextManager[object] | None = None
    ) -> None:
        self._places = places or nullcontext()
        scratch.mkdir(parents=True, exist_ok=True)
        self._scratch = tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True)
        self._database = _opened(limits, self._scratch.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A step that was given up still queries in its thread, and DuckDB refuses: the database ends with that query.
        with suppress(duckdb.Error):
            self._database.close()
        self._scratch.cleanup()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of its own: its names are not seen by others."""
        with self._places:
            connection = self._database.cursor()
            try:
                yield Session(connection)
            finally:
                connection.close()


def _opened(limits: QueryLimits, spill: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "memory_limit": limits.memory_limit,
            "threads": limits.threads,
            "temp_directory": spill,
            "preserve_insertion_order": False,
            # So many rows of each partition are held by each thread that writes partitions.
            "partitioned_write_flush_threshold": _GROUP_ROWS,
        }
    )


def files(paths: Sequence[Path], columns: Mapping[str, str]) -> str:
    """A query over Parquet files; empty, with these columns and types, where there are none."""
    present = [path for path in paths if path.exists()]
    if present:
        return f"SELECT {', '.join(columns)} FROM read_parquet([{', '.join(literal(str(path)) for path in present)}])"
    empty = ", ".join(f"CAST(NULL AS {type_}) AS {name}" for name, type_ in columns.items())
    return f"SELECT {empty} WHERE false"


def count_rows(path: Path) -> int:
    """The rows of a Parquet file."""
    return int(pq.read_metadata(path).num_rows)


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
