"""Pages of rows, and the seam between whoever reads a format and whoever wants rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from audience_gateway.sdk.buckets import Bucket, BucketObject
from audience_gateway.sdk.errors import Permanent
from audience_gateway.sdk.row_files.dialect import Rows
from audience_gateway.sdk.row_files.header import Column

PAGE_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows of a file, and the token for what comes behind them."""

    rows: Rows
    token: str


class RowReader(Protocol):
    """Reads one format."""

    def pages(self, file: BucketObject, columns: Sequence[Column], after: str | None) -> AsyncGenerator[RowPage, None]:
        """Every row of the file once, from behind the token on."""
        ...


async def found(bucket: Bucket, key: str) -> BucketObject:
    """The file. Raises Permanent if there is none of that name."""
    file = await bucket.head(key)
    if file is None:
        raise Permanent("there is no such file", place=key, remedy="`audiences list` shows what there is.")
    return file
