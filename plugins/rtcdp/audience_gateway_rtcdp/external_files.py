"""Files of external audiences: a header, and a line for each member (rtcdp 1.7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from audience_gateway.sdk import Bucket, BucketObject, Permanent, TargetBatch

from audience_gateway_rtcdp.identity_rules import is_skipped, rule_of

ID_COLUMN = "id"
"""Header of the column of ids: letters only, as the platform wants headers."""

_LINES = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was left.

    Attributes:
        file: the file.
        members: its lines without the header.
    """

    file: BucketObject
    members: int


async def leave_file(bucket: Bucket, key: str, batches: AsyncIterator[TargetBatch], namespace: str) -> WrittenFile:
    """Writes all members as one file, which appears whole or not at all.

    The platform skips ids that its identity service does not take, without a word (rtcdp 2.4), so that one of them is
    an error and no file appears. Raises Permanent for these, and what the bucket raises.
    """
    members = 0

    async def content() -> AsyncIterator[bytes]:
        nonlocal members
        yield f"{ID_COLUMN}\n".encode()
        async for batch in batches:
            _require_identities(batch.targets, namespace, key)
            members += len(batch)
            yield await asyncio.to_thread(_lines, batch.targets)

    file = await bucket.write(key, content())
    return WrittenFile(file, members)


def _lines(ids: pa.StringArray) -> bytes:
    lines = BytesIO()
    pyarrow.csv.write_csv(pa.table({ID_COLUMN: ids}), lines, _LINES)
    return lines.getvalue()


def _require_identities(ids: pa.StringArray, namespace: str, place: str) -> None:
    count = pc.sum(is_skipped(ids, namespace)).as_py() or 0
    if count:
        raise Permanent(
            f"found {count} ids that Experience Platform would skip: {rule_of(namespace)}",
            place=place,
            remedy="Choose the namespace and the id type of the data source so that they fit its ids.",
        )
