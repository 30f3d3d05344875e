"""Signed accounts of erasures where no transfer has one: of own files, and of places that were given up."""

from __future__ import annotations

from datetime import datetime

from audience_gateway import __version__
from audience_gateway.erasures.model import Erasure, Target
from audience_gateway.transfers.canonical import canonical
from audience_gateway.transfers.receipt import SignedText
from audience_gateway.transfers.signing import SigningKey


def signed(
    key: SigningKey, erasure: Erasure, target: Target, now: datetime, *, files: int = 0, rows: int = 0
) -> SignedText:
    """The account of a place that has ended: its state, and how many files and rows were cleared."""
    text = canonical(
        {
            "erasure": f"erasures/{erasure.id}",
            "target": str(target.place.destination or "gateway"),
            "data_source": f"dataSources/{target.place.data_source}" if target.place.data_source else "",
            "state": target.state.value,
            "ids": erasure.keys,
            "attempts": target.attempts,
            "files_cleared": files,
            "rows_cleared": rows,
            "gateway_version": __version__,
            "create_time": erasure.created.isoformat(timespec="milliseconds"),
            "end_time": now.isoformat(timespec="milliseconds"),
        }
    )
    return SignedText(text, key.sign(text))
