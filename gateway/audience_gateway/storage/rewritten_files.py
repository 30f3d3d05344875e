"""Parquet files that are written anew with other rows: whole or not at all, with what their footers say."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from audience_gateway.storage.relations import Session, literal

_ARROW = b"ARROW:schema"


def rewrite(session: Session, path: Path, hit: str, rows: str) -> int:
    """Writes the rows of a query into a file, if a condition holds for any row in there. Answers for how many.

    The query is one over `read_parquet` of the file. A file that is gone has no rows.
    """
    try:
        [(found,)] = session.rows(f"SELECT count(*) FROM read_parquet({literal(str(path))}) WHERE {hit}")
        if found:
            kept: dict[bytes, bytes] = pq.read_metadata(path).metadata or {}
            footer = {name.decode(): text.decode() for name, text in kept.items() if name != _ARROW}
            session.write(rows, path, footer)
    except FileNotFoundError:
        return 0
    return int(found)
