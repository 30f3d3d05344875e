"""The reconciliation strategy of the id type `visitor_id`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import (
    Codec,
    ConfigError,
    DataSource,
    Normalised,
    Reason,
    check_not_of_devices,
    is_placeholder,
)

from audience_gateway_visitor_id.validity import is_visitor_id


class VisitorId:
    """Visitor IDs are text and stay as they are: no number could hold their leading zeros."""

    id_type = "visitor_id"
    title = "Visitor ID"
    description = (
        "The Experience Cloud ID (ECID, MID) of a browser or device: exactly 38 digits, "
        "in two halves of 19 that are each at most 2^63-1."
    )

    def check(self, source: DataSource) -> None:
        """Raises ConfigError if the data source has a codec, which Visitor IDs never have, or is one of devices."""
        check_not_of_devices(source)
        if source.codec is not Codec.NONE:
            raise ConfigError(
                f"found the codec `{source.codec}`, allowed for Visitor IDs: `none`",
                place=f"data_sources.{source.name}.codec",
                remedy="Remove the setting; Visitor IDs travel in clear.",
            )

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:  # noqa: ARG002 - the contract's arguments; nothing about a Visitor ID depends on them
        """Keeps what is valid; white space around an id makes it invalid, as it does for Adobe's servers."""
        valid = pc.fill_null(is_visitor_id(ids), False)
        reasons = pa.nulls(len(ids), pa.string())
        if valid.true_count == len(ids):
            return Normalised(values=ids, reasons=reasons)
        others = pc.invert(valid)
        return Normalised(
            values=pc.if_else(valid, ids, pa.scalar(None, pa.string())),
            reasons=pc.replace_with_mask(reasons, others, _reasons(ids.filter(others))),
        )


def _reasons(ids: pa.StringArray) -> pa.StringArray:
    """Why each of these is no Visitor ID."""
    conditions = pc.make_struct(pc.is_null(ids), is_placeholder(ids))
    return pc.case_when(conditions, Reason.NO_ID, Reason.PLACEHOLDER_ID, Reason.INVALID_ID)
