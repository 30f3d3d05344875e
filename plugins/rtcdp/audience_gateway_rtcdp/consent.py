"""Who has opted out, by the consents in an exported file, whole columns at a time (rtcdp 8.3)."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway_rtcdp.governance_settings import ConsentSettings

_NO = "n"
_UNDECIDED = ("p", "u")
_OUT = "out"


def opted_out(columns: Mapping[str, pa.StringArray], rows: int, settings: ConsentSettings) -> pa.BooleanArray:
    """Which rows are of people who must not be shared; columns that are not there say nothing.

    `marketing.any = n` overrides all else, and so does the channel's own no.

    Args:
        columns: columns by the names that the settings have for them.
        rows: how many there are.
        settings: which columns, and what undecided people are.
    """
    out = pa.repeat(pa.scalar(False), rows)
    denied = pa.array([_NO, *(_UNDECIDED if settings.pending == "hold" else ())])
    for names, values in ((settings.columns, denied), (settings.general_columns, pa.array([_OUT]))):
        for name in names:
            if name in columns:
                said = pc.utf8_lower(pc.utf8_trim_whitespace(columns[name]))
                out = pc.or_(out, pc.fill_null(pc.is_in(said, value_set=values), False))
    return out
