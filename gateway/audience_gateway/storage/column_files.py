"""Writes columns that are at hand to Parquet files, as queries write theirs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway.storage.atomic_file import publishing

_GROUP_ROWS = 8_192
ENCODINGS = {"row": "DELTA_BINARY_PACKED"}
"""Of columns: numbers of rows are near to each other, and take next to nothing."""


def publish_columns(columns: pa.Table, path: Path, footer: Mapping[str, str]) -> None:
    """Writes columns to a file which says so much about itself. A file that is there counts.

    Of columns that are in the order of one of them, a query for a range of that reads little else.
    """
    if path.exists():
        return
    with publishing(path) as temporary:
        pq.write_table(
            columns.replace_schema_metadata(dict(footer)),
            temporary,
            row_group_size=_GROUP_ROWS,
            compression="snappy",
            use_dictionary=False,
            column_encoding={name: ENCODINGS[name] for name in columns.column_names if name in ENCODINGS},
        )
