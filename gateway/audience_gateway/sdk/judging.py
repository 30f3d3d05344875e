"""Judging a column of ids: each gets a value, or the first reason why it cannot have one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.identities import Normalised
from audience_gateway.sdk.outcomes import Reason


def judged(values: pa.StringArray, *faults: tuple[pa.BooleanArray, Reason]) -> Normalised:
    """The values of the ids that have no fault, and the reason of the first fault of each of the others.

    A null in the column of a fault says that it does not apply. A null among the values needs a fault that applies.
    """
    found = [(fault, reason) for fault, reason in faults if fault.true_count]
    if not found:
        return Normalised(values=values, reasons=pa.nulls(len(values), pa.string()))
    conditions = pc.make_struct(*(pc.fill_null(fault, False) for fault, _ in found))
    reasons = pc.case_when(conditions, *(pa.scalar(reason.value) for _, reason in found))
    sound = pc.is_null(reasons)
    return Normalised(values=pc.if_else(sound, values, pa.scalar(None, pa.string())), reasons=reasons)
