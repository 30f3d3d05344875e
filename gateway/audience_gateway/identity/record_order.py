"""Whether records come one behind the other in the order of their keys, so that none can come twice.

Whoever reads records by key, page by page, gets them so. It is seen at once, where comparing all with all takes as long
as a join.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq

from audience_gateway.identity.index import ORDERED, RECORD


def come_in_order(chunks: Sequence[Path]) -> bool:
    """Whether the records of all index files are known to come in order, from the first file to the last."""
    spans = []
    for chunk in chunks:
        metadata = pq.read_metadata(chunk)
        if metadata.metadata.get(ORDERED.encode()) != b"yes":
            return False
        if metadata.num_rows:
            spans.append(_span(metadata))
    return all(before and behind and before[1] < behind[0] for before, behind in pairwise(spans))


def _span(file: pq.FileMetaData) -> tuple[bytes, bytes] | None:
    """Nothing in a file is before the first, or behind the second; None if the file does not tell."""
    place = file.schema.names.index(RECORD)
    found = [file.row_group(number).column(place).statistics for number in range(file.num_row_groups)]
    if any(one is None or not one.has_min_max for one in found):
        return None
    return min(one.min.encode() for one in found), max(one.max.encode() for one in found)
