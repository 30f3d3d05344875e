"""Writes id-synchronisation files, part by part (audience-manager 3.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.audience_manager.id_sync_lines import MAX_HASHED_EMAILS
from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncKind, IdSyncName
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_ids import REFUSALS
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.audience_manager.inbound_series import Series, Sorted
from audience_gateway.sdk.audience_manager.line_columns import checked
from audience_gateway.sdk.members import Refusal, WriteResult

_CODES = ("ID_EMPTY", "ID_WITH_CONTROL", "LINE_TOO_LONG", "ID_NOT_UTF_8")
_REFUSALS = REFUSALS | {"ID_WITH_CONTROL": "An id cannot hold TAB or newline, nor end with a blank."}
_NOT_IN_A_LINE = r"[\t\r\n]| \z"


async def write_id_sync(
    folder: InboundFolder, name: IdSyncName, batches: AsyncIterator[pa.RecordBatch], key: str, now: datetime
) -> WriteResult:
    """Writes a line for each row whose ids can be written, in as many files as are needed; none of them is empty.

    A repeat must bring the same rows in the same order. The refused rows have their positions in all batches together.

    Args:
        folder: where files go.
        name: kind and data sources of the files; its timestamp and its number do not count.
        batches: string columns, one for each data source. For hashed e-mails there may be up to ten behind the first
            column, and of these all but the first may be null.
        key: of the write: the same for a repeat, another for any other write.
        now: the time, in UTC.

    Raises ValueError for any other number of columns.
    """
    start = f"{name.kind}_{'_'.join(map(str, name.data_source_ids))}_"
    series = await Series.begin(folder, replace(name, timestamp=0, split=None), key, now, start=start)
    return await series.write(batches, partial(_sort_out, name=name))


def _sort_out(batch: pa.RecordBatch, name: IdSyncName) -> Sorted:
    emails = name.kind is IdSyncKind.HASHED_EMAILS
    most = 1 + MAX_HASHED_EMAILS if emails else len(name.data_source_ids)
    if not (2 if emails else most) <= batch.num_columns <= most:
        raise ValueError("there is a column for each data source, and for hashed e-mails at most ten")
    codes = _codes(batch, 2 if emails else most)
    bad = pc.indices_nonzero(pc.is_valid(codes))
    return batch.filter(pc.is_null(codes)).columns, tuple(
        Refusal(index, code, _REFUSALS[code])
        for index, code in zip(bad.to_pylist(), codes.take(bad).to_pylist(), strict=True)
    )


def _codes(batch: pa.RecordBatch, needed: int) -> pa.StringArray:
    """Why a row cannot be in a line; null if it can. Of its columns, so many must not be null."""
    no = pa.repeat(pa.scalar(False), len(batch))
    empty, control, wrong = no, no, no
    length = pa.repeat(pa.scalar(batch.num_columns - 1, pa.int64()), len(batch))
    for number, column in enumerate(batch.columns):
        text = checked(column)
        empty = pc.or_(empty, pc.fill_null(pc.equal(column, ""), number < needed))
        control = pc.or_(control, pc.fill_null(pc.match_substring_regex(text, _NOT_IN_A_LINE), False))
        wrong = pc.or_(wrong, pc.and_(pc.is_valid(column), pc.is_null(text)))
        length = pc.add(length, pc.fill_null(pc.binary_length(column), 0))
    return pc.case_when(
        pc.make_struct(empty, control, pc.greater(length, MAX_LINE_BYTES), wrong),
        *(pa.scalar(code) for code in _CODES),
        pa.scalar(None, pa.string()),
    )
