"""What rows of exported files say of the membership (rtcdp 3, 6.5): whole columns at a time."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Reason
from audience_gateway.sdk.row_files.dialect import Rows

from audience_gateway_rtcdp.consent import opted_out
from audience_gateway_rtcdp.files.columns import Columns
from audience_gateway_rtcdp.files.file_settings import FileSettings
from audience_gateway_rtcdp.governance_settings import ConsentSettings

_ECID = "^[0-9]{38}$"
_NO_TEXT = pa.scalar(None, pa.string())


@dataclass(frozen=True, slots=True)
class Said:
    """What rows say.

    Attributes:
        ids: string; null for a row without an id of the first data source, and for one that cannot be read.
        left: bool; whether the row says that the person has left.
        qualified: string; when the person qualified last, as it stands there; null if not known.
        defects: string; the `Reason` why a row cannot be read; null if it can.
        opted_out: bool; whether the row's consents say that the person must not be shared.
        devices: string; the ECID of the device; null where there is none, or it is none.
        further: likewise the ids of further data sources, a column for each.
    """

    ids: pa.StringArray
    left: pa.BooleanArray
    qualified: pa.StringArray
    defects: pa.StringArray
    opted_out: pa.BooleanArray
    devices: pa.StringArray
    further: tuple[pa.StringArray, ...] = ()

    @property
    def named_ids(self) -> dict[str, pa.StringArray]:
        """The ids of all data sources, in their order, under names for a database."""
        return dict(zip(id_names(1 + len(self.further)), (self.ids, *self.further), strict=True))

    def __len__(self) -> int:
        return len(self.ids)


def id_names(sources: int) -> tuple[str, ...]:
    """Names for a database of columns of ids, one for each data source."""
    return tuple(f"id_{number}" for number in range(sources))


def said_by(rows: Rows, columns: Columns, settings: FileSettings, consent: ConsentSettings) -> Said:
    """Reads the columns; a row with a status of another kind, or with none where it is mapped, is malformed."""
    rest = list(rows.columns[len(columns.ids) :])
    nulls = pa.array(["", *settings.null_texts], pa.string())
    ids = [pc.if_else(pc.is_in(each, value_set=nulls), _NO_TEXT, each) for each in rows.columns[: len(columns.ids)]]
    left = pa.repeat(pa.scalar(False), len(rows))
    defects = rows.defects
    if columns.status is not None:
        realized, left = _membership(rest.pop(0), settings)
        bad = pc.and_(pc.is_null(defects), pc.invert(pc.or_(realized, left)))
        if pc.any(bad).as_py():
            defects = pc.if_else(bad, pa.scalar(Reason.MALFORMED_ROW.value), defects)
            ids = [pc.if_else(bad, _NO_TEXT, each) for each in ids]
    qualified = rest.pop(0) if columns.qualified is not None else pa.nulls(len(rows), pa.string())
    devices = _devices(rest.pop(0)) if columns.device is not None else pa.nulls(len(rows), pa.string())
    consents = {name: column for (_, name), column in zip(columns.consents, rest, strict=True)}
    refused = opted_out(consents, len(rows), consent)
    return Said(ids[0], left, qualified, defects, refused, devices, tuple(ids[1:]))


def _devices(texts: pa.StringArray) -> pa.StringArray:
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.match_substring_regex(trimmed, _ECID), trimmed, _NO_TEXT)


def _membership(statuses: pa.StringArray, settings: FileSettings) -> tuple[pa.BooleanArray, pa.BooleanArray]:
    """Whether a status is that of a member, and whether that of somebody who left."""
    distinct = pc.fill_null(statuses, "").dictionary_encode()  # rows are many, statuses are few
    words = pc.utf8_lower(pc.utf8_trim_whitespace(distinct.dictionary))
    realized, exited = (
        pc.is_in(words, value_set=pa.array(known, pa.string())).take(distinct.indices)
        for known in (settings.realized, settings.exited)
    )
    return realized, exited
