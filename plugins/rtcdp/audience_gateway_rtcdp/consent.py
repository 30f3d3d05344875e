"""Who has opted out, by the consents in an exported file, whole columns at a time (rtcdp 8.3)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway_rtcdp.governance_settings import ConsentSettings

_NO = "n"
_UNDECIDED = ("p", "u")
_OUT = "out"


def opted_out(rows: pa.RecordBatch, settings: ConsentSettings) -> pa.BooleanArray:
    """Which rows are of people who must not be shared; columns that are not there say nothing.

    `marketing.any = n` overrides all else, and so does the channel's own no.

    Args:
        rows: string columns, of which those count that the settings name; others may be of any type.
        settings: which columns, and what undecided people are.
    """
    out = pa.repeat(pa.scalar(False), rows.num_rows)
    denied = pa.array([_NO, *(_UNDECIDED if settings.pending == "hold" else ())])
    for names, values in ((settings.columns, denied), (settings.general_columns, pa.array([_OUT]))):
        for name in names:
            if name in rows.schema.names:
                said = pc.utf8_lower(pc.utf8_trim_whitespace(rows.column(name)))
                out = pc.or_(out, pc.fill_null(pc.is_in(said, value_set=values), False))
    return out
