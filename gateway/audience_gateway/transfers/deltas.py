"""What a transfer has changed at its destination: kept with its rows, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True)
class Delta:
    """What the file of a delta says about itself.

    Attributes:
        members: how many members were added or removed.
        snapshot_key: what the snapshot is kept under that they went into or out of.
        undoes: the transfer that was taken back by it; empty if it did not take one back.
        attributes: whether members were delivered with attributes.
    """

    members: int
    snapshot_key: str
    undoes: str
    attributes: bool

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """The delta in a file; None if there is none."""
        try:
            metadata = pq.read_metadata(path)
        except FileNotFoundError:
            return None
        kept = {name.decode(): text.decode() for name, text in metadata.metadata.items()}
        return cls(metadata.num_rows, kept["snapshot_key"], kept["undoes"], kept["attributes"] == "yes")


def delta_footer(snapshot_key: str, undoes: str, *, attributes: bool) -> Mapping[str, str]:
    """What the file of a delta is to say about itself."""
    return {"snapshot_key": snapshot_key, "undoes": undoes, "attributes": "yes" if attributes else "no"}
