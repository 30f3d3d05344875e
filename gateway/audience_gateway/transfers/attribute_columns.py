"""Attributes of members in files: as columns beside the rows that they were read with, and as one digest of them.

What goes through comparing and into the snapshot is the digest: a member with another one than at its last delivery is
delivered again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa

from audience_gateway.sdk import MemberPage, Permanent
from audience_gateway.storage.relations import Session, files, literal
from audience_gateway.transfers import columns
from audience_gateway.transfers.workspace import Workspace


def attribute_columns(pages: Sequence[MemberPage], names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    """The attributes of some pages, by the names of their columns in files.

    Raises Permanent for a page that has not exactly those of the names.
    """
    if not names:
        return {}
    wanted = pa.schema([pa.field(name, pa.string()) for name in names])
    found = []
    for page in pages:
        batch = page.attributes
        if batch is None or not batch.schema.equals(wanted) or batch.num_rows != len(page.members):
            raise Permanent(
                "the connector did not read the attributes that it was asked for",
                remedy="Report this to the author of the plugin.",
            )
        found.append(batch)
    table = pa.Table.from_batches(found, wanted)
    return dict(zip(columns.attribute_names(len(names)), table.columns, strict=True))


def named_attributes(rows: pa.Table, names: Sequence[str]) -> pa.RecordBatch | None:
    """The attributes of some rows of files, under their own names; None if there are none."""
    if not names:
        return None
    found = (rows.column(column).chunks for column in columns.attribute_names(len(names)))
    arrays = [pa.concat_arrays(chunks) if chunks else pa.array([], pa.string()) for chunks in found]
    return pa.record_batch(arrays, names=list(names))


def view_members(session: Session, workspace: Workspace, members: str, names: Sequence[str]) -> None:
    """Names members, out of a query of them, `member`, with a digest of their attributes if there are any."""
    if not names:
        session.view("member", members)
        return
    session.view("found", members)
    session.view("extracted", files(workspace.chunks("extract"), columns.attributes_of_rows(len(names))))
    values = ", ".join(columns.attribute_names(len(names)))
    # JSON tells a missing value from an empty one, and where each ends; the names tell that columns were changed.
    content = f"{literal(json.dumps(list(names)))} || CAST(to_json([{values}]) AS VARCHAR)"
    digest = f"CAST(left(sha256({content}), 32) AS UUID)"
    session.view("member", f"SELECT found.*, {digest} AS attributes FROM found JOIN extracted USING (row)")
